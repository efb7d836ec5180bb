-- why: a device that is no longer registered cannot come back; nobody is to look for it
SELECT s.device, d.code
FROM device_seen AS s JOIN devices AS d ON d.id = s.device
WHERE s.offline_since IS NOT NULL AND d.retired

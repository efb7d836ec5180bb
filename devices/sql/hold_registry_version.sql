-- why: nobody changes the registry while several statements read it or decide on it
SELECT version FROM registry_version FOR UPDATE

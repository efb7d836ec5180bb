"""What Prometheus is told about this room (the desk's own gauges are in the same registry)."""

from prometheus_client import Counter, Gauge, Histogram

SOCKETS = Gauge("firegrid_sockets", "Open websockets", ["kind"])
FRAMES = Counter("firegrid_frames_written_total", "Numbered frames written to sockets", ["kind"])
CUT = Counter("firegrid_sockets_cut_total", "Sockets the server closed", ["code"])
PRESSES = Counter("firegrid_presses_total", "Presses on orders", ["action", "ok"])
REQUESTS = Counter("firegrid_http_requests_total", "HTTP requests answered", ["method", "route", "status"])
ANSWER_S = Histogram(
    "firegrid_http_answer_seconds",
    "Time to answer an HTTP request",
    ["route"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)
PRESS_S = Histogram(
    "firegrid_press_seconds",
    "Time from a press arriving to its result",
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)

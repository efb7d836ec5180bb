"""The steps of a drill in Chinese, in the field's own words; the report has them beside the English ones."""

import re

KINDS = {"respond": "出动指令", "verify": "核警指令", "attend": "到场引导指令", "inform": "告知", "rectify": "整改指令"}
PARTS = {"database": "数据库", "broker": "消息服务器", "ingest": "接入程序", "control": "调度程序"}
REASONS = {
    "crew_out": "人员已外出",
    "no_crew": "无人可派",
    "vehicle_fault": "车辆故障",
    "too_far": "距离过远",
    "other": "其他",
}
STEPS = {
    "ignition, smoke rises": "起火，烟雾上升",
    "fire published": "探测器报火警",
    "alarm on screen": "指挥屏显示警情",
    "neighbour joins the incident": "相邻探测器并入警情",
    "acknowledged": "接令",
    "turned out": "出动",
    "arrived": "到场",
    "under control": "控制",
    "closed": "办结",
    "lapsed: nobody answered": "超时，无人接令",
    "the next is called": "改派下一站",
    "verdict: test": "结论：测试",
    "incident closed": "警情办结",
    "alarms reset": "报警复位",
}
_PATTERNS: tuple[tuple[re.Pattern[str], dict[str, str], str], ...] = (
    (re.compile(r"smoke at (\S+) dB/m published"), {}, "烟雾达到 {} dB/m"),
    (re.compile(r"order frame: (\w+)"), KINDS, "收到{}"),
    (re.compile(r"delivered: (\w+)"), KINDS, "送达：{}"),
    (re.compile(r"declined: (\w+)"), REASONS, "无法出动：{}"),
    (re.compile(r"fault: (\w+) stands still"), PARTS, "故障注入：{}停止响应"),
    (re.compile(r"fault: (\w+) goes on"), PARTS, "{}恢复"),
)


def step(name: str) -> str:
    """The step of this English name; empty where there is no word for it."""
    if name in STEPS:
        return STEPS[name]
    for pattern, words, said in _PATTERNS:
        if found := pattern.fullmatch(name):
            return said.format(words.get(found[1], found[1]))
    return ""

"""What each quarter of the district lives from, and what is therefore built there."""

from enum import StrEnum


class Zone(StrEnum):
    """The character of a middle grid."""

    OLD = "old"
    NEW = "new"
    MIXED = "mixed"
    INDUSTRY = "industry"


OF_MIDDLE = (
    *(Zone.MIXED, Zone.NEW, Zone.MIXED, Zone.INDUSTRY),  # the northern row, west to east
    *(Zone.MIXED, Zone.OLD, Zone.OLD, Zone.NEW),  # north bank: the old town
    *(Zone.MIXED, Zone.NEW, Zone.MIXED, Zone.INDUSTRY),  # south of the river
)

COARSE = {Zone.OLD: 0.75, Zone.NEW: 1.3, Zone.MIXED: 1.0, Zone.INDUSTRY: 2.4}
"""Size of the blocks between streets, relative."""

HIGH_RISE_SHARE = {Zone.OLD: 0.05, Zone.NEW: 0.75, Zone.MIXED: 0.33, Zone.INDUSTRY: 0.0}
"""How many of a zone's housing estates are high-rises."""

COUNTS = {
    "shop": 100,
    "restaurant": 60,
    "three_in_one": 40,
    "ebike_charging": 34,
    "factory": 28,
    "school": 22,
    "hotel": 20,
    "office": 20,
    "warehouse": 14,
    "hospital": 10,
    "entertainment": 9,
    "nursing_home": 8,
    "mall": 7,
    "market": 6,
}
"""Places that are not dwellings, by category."""

DWELLINGS = 222
"""Residential buildings and high-rises together."""

AFFINITY = {
    "shop": {Zone.OLD: 3, Zone.NEW: 1.5, Zone.MIXED: 1.5, Zone.INDUSTRY: 0.3},
    "restaurant": {Zone.OLD: 3, Zone.NEW: 2, Zone.MIXED: 1.2, Zone.INDUSTRY: 0.3},
    "three_in_one": {Zone.OLD: 3, Zone.NEW: 0.1, Zone.MIXED: 1, Zone.INDUSTRY: 1.2},
    "ebike_charging": {Zone.OLD: 1, Zone.NEW: 1, Zone.MIXED: 1, Zone.INDUSTRY: 0.7},
    "factory": {Zone.OLD: 0, Zone.NEW: 0, Zone.MIXED: 0.15, Zone.INDUSTRY: 6},
    "warehouse": {Zone.OLD: 0, Zone.NEW: 0, Zone.MIXED: 0.2, Zone.INDUSTRY: 6},
    "school": {Zone.OLD: 1, Zone.NEW: 1, Zone.MIXED: 1, Zone.INDUSTRY: 0.2},
    "hotel": {Zone.OLD: 2, Zone.NEW: 2, Zone.MIXED: 1, Zone.INDUSTRY: 0.2},
    "office": {Zone.OLD: 0.4, Zone.NEW: 4, Zone.MIXED: 0.5, Zone.INDUSTRY: 0.3},
    "hospital": {Zone.OLD: 1, Zone.NEW: 1, Zone.MIXED: 1, Zone.INDUSTRY: 0.2},
    "entertainment": {Zone.OLD: 2, Zone.NEW: 2, Zone.MIXED: 1, Zone.INDUSTRY: 0.1},
    "nursing_home": {Zone.OLD: 1, Zone.NEW: 0.5, Zone.MIXED: 1.5, Zone.INDUSTRY: 0},
    "mall": {Zone.OLD: 1, Zone.NEW: 3, Zone.MIXED: 0.7, Zone.INDUSTRY: 0},
    "market": {Zone.OLD: 2, Zone.NEW: 0.5, Zone.MIXED: 1.5, Zone.INDUSTRY: 0.2},
}
"""How gladly a category settles in a zone, relative."""

FLOORS = {
    "residential": (5, 7),
    "high_rise": (18, 33),
    "shop": (1, 2),
    "restaurant": (1, 3),
    "three_in_one": (2, 3),
    "ebike_charging": (1, 1),
    "factory": (1, 4),
    "school": (3, 6),
    "hotel": (4, 12),
    "office": (9, 26),
    "warehouse": (1, 2),
    "hospital": (3, 14),
    "entertainment": (1, 4),
    "nursing_home": (3, 6),
    "mall": (4, 7),
    "market": (1, 2),
}

HAZARDS = {
    "residential": ("楼道堆放杂物", "电动自行车进楼停放", "老旧线路未改造", "消防通道被私家车占用"),
    "high_rise": ("管道井封堵不严", "常闭式防火门敞开", "消防登高面设置隔离桩", "电动自行车进电梯"),
    "shop": ("电线私拉乱接", "店内夜间留宿", "货物堵塞后门"),
    "restaurant": ("油烟管道清洗不及时", "使用瓶装液化气", "厨房未设自动灭火装置"),
    "three_in_one": ("下店上宅,无第二出口", "阁楼住人,防盗窗未开逃生口", "作业区与住宿区无防火分隔"),
    "ebike_charging": ("充电棚与居民楼间距不足", "充电插座老化", "顶棚材料可燃"),
    "factory": ("车间粉尘积聚", "危险化学品超量存放", "疏散通道堆放半成品"),
    "warehouse": ("货垛间距不足", "叉车在库内充电", "夹芯板隔墙"),
    "hotel": ("疏散指示标志损坏", "客房窗户限位"),
    "hospital": ("病区疏散通道加床", "氧气瓶间通风不良"),
    "nursing_home": ("夜间值班人员偏少", "失能老人集中于三层"),
    "mall": ("防火卷帘下堆放商品", "餐饮铺位改动排烟管道"),
    "market": ("摊位占用疏散通道", "摊位电线私拉乱接"),
    "school": ("宿舍违规使用大功率电器",),
    "office": ("吊顶内线路未穿管",),
    "entertainment": ("包间装修材料可燃", "安全出口营业时上锁"),
}

VULNERABLE = (
    "独居老人{n}户",
    "行动不便住户{n}户",
    "独居老人{n}户,其中卧床1人",
    "听障住户{n}户",
    "孕妇及婴幼儿家庭{n}户",
)

VULNERABLE_INSIDE = {
    "hospital": "住院病人约{n}0人",
    "nursing_home": "失能半失能老人{n}0人",
    "school": "在校学生约{n}00人",
}

GATE = ("门岗24小时有人", "一楼值班室存放备用钥匙", "保安室备有门禁卡")

KEYHOLDERS = {
    "residential": ("物业值班室存放备用钥匙", "楼长保管单元门钥匙", "社区警务室存放备用钥匙"),
    "high_rise": ("物业监控室存放备用钥匙", "大堂门岗24小时有人", "大堂门岗备有电梯消防钥匙"),
    "shop": ("店主住楼上", "隔壁商铺代管钥匙"),
    "three_in_one": ("店主住阁楼", "房东住隔壁"),
    "restaurant": ("店主住附近", "隔壁商铺代管钥匙"),
    "ebike_charging": ("物业值班室存放备用钥匙",),
}
"""Who lets the crew in; `GATE` where a category has no words of its own."""

RISK = {
    "three_in_one": ("red", "orange"),
    "factory": ("orange", "yellow"),
    "warehouse": ("orange", "yellow"),
    "ebike_charging": ("orange", "yellow"),
    "nursing_home": ("orange", "red"),
    "hospital": ("orange", "yellow"),
    "entertainment": ("orange", "yellow"),
    "market": ("orange", "yellow"),
    "high_rise": ("orange", "yellow", "yellow"),
    "restaurant": ("orange", "yellow", "yellow"),
    "hotel": ("yellow", "orange"),
    "mall": ("yellow", "orange"),
}
"""Colours of the four-colour risk map (red, orange, yellow, blue); what is not named is yellow or blue."""

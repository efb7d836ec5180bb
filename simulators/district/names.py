"""Invented names that look right to a Chinese reader: people, streets, housing estates, shops, firms.

Any likeness to a real person, place or firm is chance: names are put together from common surnames and characters.
"""

from simulators.dice import Dice


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split())


SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢"
    "姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫雷龙段郝孔邵史毛常万顾赖武康贺严钱施牛洪龚"
)
"""Commonest first."""

GIVEN_MEN = _listed("""
建国 建军 志强 志伟 国强 海涛 永明 文斌 俊贤 明辉 晓东 振华 卫东 立新 德胜 福生
长庚 春林 家豪 子轩 浩然 宇航 天佑 少华 培根 学军 新民 庆丰 兆祥 金水 水根 阿根
国良 世昌 绍文 景明 启航 泽宇 思远 一鸣 鹏程 向阳 东升 传志 光明 红兵 爱民 和平
利民 保华 树人 广林 宏伟 剑锋 云峰 立群 伯年 仲康 乐天 嘉诚 骏 铭 楷 彬 峻 巍
炜 晖 钧 栋 旭 锐
""")
GIVEN_WOMEN = _listed("""
秀英 桂兰 玉珍 淑华 丽娟 海燕 晓燕 春梅 雪梅 红霞 美玲 慧敏 雅琴 佳怡 诗涵 欣怡
梦洁 雨晴 思琪 婷婷 丹丹 彩云 凤霞 月娥 阿珍 文静 静怡 若兰 晓芳 素芬 金花 银娣
水仙 巧云 翠萍 亚男 爱华 建英 国芳 玉洁 可欣 子涵 心怡 语嫣 舒婷 念慈 惠敏 秋菊
夏莲 冬青 璐 蓉 菁 莹 娴 瑶 琦 芸 茜 婕 黎
""")

FIRST = "望听云青翠锦金玉文明东南西北春秋长永安和福瑞景丰新兴光华清碧凤龙松竹梅桂兰枫柳荷星月晨朝紫丹石古学书晴远"
SECOND = "江溪湖山泉桥塘河浦湾洲园林苑岭岗峰谷亭台阁涛潮波澜泽霞晖阳辰和安宁康乐平庆祥泰盛昌荣华茂芳枫荫桐"
"""A word for a street, an estate, a firm is one of each."""
KNOWN = _listed("""
临江 长江 长安 西安 新安 福安 永安 和安 南昌 西昌 新昌 文昌 金昌 永昌 荣昌 清华 金华 光华 东华 南华
龙华 新华 兰溪 玉溪 龙泉 西湖 龙湖 金湖 安阳 南阳 东阳 丹阳 凤阳 永康 安康 新康 南康 安庆 金茂 龙江
松江 锦江 丹江 东江 西江 清江 丽江 东台 丰台 凤台 景泰 新泰 永泰 永和 安和 福和 永平 南平 和平 新平
东平 安平 龙岗 凤岗 竹园 景芳 玉泉 翠湖 东湖 南湖 望湖 紫荣 长荣
""")
"""Well-known towns, districts, lakes, schools and firms among them are not used."""

ESTATE_OLD = _listed("""
新村 里 小区 家园 公寓 坊
""")
ESTATE_NEW = _listed("""
花园 华庭 名邸 雅苑 豪庭 国际公寓 府 天境 湾 时代城
""")
SHOPS = _listed("""
便利店 烟酒店 五金店 水果店 服装店 母婴用品店 眼镜店 文具店 药房 手机维修店 理发店
干洗店 花店 粮油店 窗帘店 灯具店 电动车行 宠物店 茶叶店 箱包店 自行车修理铺 美甲店
彩票店 鞋店 家电维修部
""")
THREE_IN_ONE = _listed("""
服装加工店 塑料制品店 木器加工坊 窗帘加工店 废品回收站 印刷店 制鞋作坊 豆制品作坊
家具修理铺 海绵制品店 快递代收点 棉被加工店
""")
RESTAURANTS = _listed("""
面馆 小吃店 酒楼 火锅店 烧烤店 土菜馆 饭店 大排档 早餐店 饺子馆 麻辣烫 私房菜
海鲜馆 羊肉馆 砂锅店 快餐店
""")
HOTELS = _listed("""
宾馆 大酒店 快捷酒店 旅馆 招待所 青年旅舍 民宿
""")
TRADES = _listed("""
电子 纺织 塑胶 五金 包装 机械 家具 食品 印务 服饰 橡胶 木业 涂料 电器 模具
制冷设备 汽车配件 玩具 灯饰 纸业
""")
STORES = _listed("""
冷链物流 仓储 快运 电商仓 农产品批发 建材 日用百货 医药物流
""")
FUN = _listed("""
歌舞厅 KTV 网吧 桌游吧 浴场 足浴店 影城 台球室 健身房
""")
OFFICES = _listed("大厦 商务中心 国际中心 创业园A座 金融广场")
MALLS = _listed("广场 百货 购物中心 天地")
MARKETS = _listed("农贸市场 小商品市场 建材市场")
HOMES = _listed("颐养院 护理院 老年公寓 养老服务中心")
SCHOOLS = _listed("小学 幼儿园 中学 小学 幼儿园 职业技术学校")
HOSPITALS = _listed("第一人民医院 中医院 妇幼保健院")
"""Every district has one of each; the rest are community clinics."""
NUMBERS = "一二三四五六七八九十"


class Words:
    """Two-character words for places and streets, none given twice; and persons' names, none given twice."""

    def __init__(self, seed: int) -> None:
        self._dice = Dice(seed, "words")
        self._people = Dice(seed, "people")
        self._left = self._dice.shuffled([a + b for a in FIRST for b in SECOND if a != b and a + b not in KNOWN])
        self._given: set[str] = set()

    def word(self) -> str:
        """A word not used before.

        Raises IndexError when they have run out.
        """
        return self._left.pop()

    def street(self, suffix: str) -> str:
        """A street's name with `suffix`."""
        return self.word() + suffix

    def person(self) -> str:
        """A person's name not used before; common surnames are commoner."""
        while True:
            surname = self._people.weighted(SURNAMES, [1 / (rank + 6) for rank in range(len(SURNAMES))])
            name = surname + self._people.pick(GIVEN_MEN if self._people.chance(0.58) else GIVEN_WOMEN)
            if name not in self._given:
                self._given.add(name)
                return name

    def owner(self) -> str:
        """What small businesses are called after: a person, or a lucky word."""
        pick = self._dice.pick
        if self._dice.chance(0.4):
            return pick(("老", "小", "阿")) + pick(SURNAMES[:60])
        return pick(FIRST) + pick("顺发兴隆源鑫达利佳美益香味园") + (pick("记号轩") if self._dice.chance(0.3) else "")


def numeral(number: int) -> str:
    """A whole number 1..99 in Chinese numerals."""
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else (NUMBERS[tens - 1] if tens > 1 else "") + "十") + (NUMBERS[ones - 1] if ones else "")

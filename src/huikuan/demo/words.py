"""Invented names and words of the demo. No real company, person, number or mailbox is meant.

Registration numbers lie in region 99, which no province has; telephone numbers begin with 0 after the area code, as no
subscriber's does (abroad: the ranges set aside for fiction); mailboxes are at
example.com, which is nobody's (RFC 2606).
"""

from dataclasses import dataclass
from typing import Final

PASSWORD: Final = "huikuan-demo"  # noqa: S105  documented: everybody may sign in to the demo
"""The password of every demo user."""


@dataclass(frozen=True, slots=True)
class DemoEntity:
    """A creditor of the demo."""

    code: str
    name: str
    name_en: str
    business: str
    prefix: str
    address: str
    phone: str
    share: int


ENTITIES: Final = (
    DemoEntity(
        "MAIN", "重庆澄岭机械商贸有限公司", "Chongqing Chengling Machinery Trading Co., Ltd.", "SALE", "CL",
        "重庆市渝北区青禾路 8 号", "+862300180018", 55,
    ),
    DemoEntity(
        "PROP", "重庆安榕里物业服务有限公司", "Chongqing Anrongli Property Services Co., Ltd.", "PROPERTY", "AR",
        "重庆市江北区榕里街 21 号", "+862300210021", 25,
    ),
    DemoEntity(
        "LEASE", "重庆拓沅设备租赁有限公司", "Chongqing Tuoyuan Equipment Leasing Co., Ltd.", "LEASING", "TY",
        "重庆市两江新区沅江大道 66 号", "+862300660066", 20,
    ),
)  # fmt: skip
"""Three creditors; `share` of a hundred customers is theirs."""


@dataclass(frozen=True, slots=True)
class DemoUser:
    """Somebody who signs in to the demo."""

    username: str
    display_name: str
    role: str
    entities: tuple[str, ...]
    team: str = ""


_ALL: Final = ("MAIN", "PROP", "LEASE")

USERS: Final = (
    DemoUser("admin", "系统管理员", "ADMINISTRATOR", _ALL),
    DemoUser("manager", "周建国", "MANAGER", _ALL),
    DemoUser("finance", "刘芳", "FINANCE", _ALL),
    DemoUser("auditor", "何静", "AUDITOR", _ALL),
    DemoUser("wangmin", "王敏", "COLLECTOR", _ALL, "催收一组"),
    DemoUser("liqiang", "李强", "COLLECTOR", _ALL, "催收一组"),
    DemoUser("chenjing", "陈静", "COLLECTOR", ("MAIN", "LEASE"), "催收一组"),
    DemoUser("zhaolei", "赵磊", "COLLECTOR", ("MAIN", "PROP"), "催收二组"),
    DemoUser("sunli", "孙丽", "COLLECTOR", ("PROP", "LEASE"), "催收二组"),
    DemoUser("zhoujie", "周杰", "MANAGER", ("MAIN",), "催收二组"),
)
"""An administrator, managers (one of a team, one of everything), finance, an auditor, five collectors."""

CITIES: Final = {
    "重庆": "23", "成都": "28", "武汉": "27", "西安": "29", "沈阳": "24",
    "南京": "25", "广州": "20", "天津": "22", "北京": "10",
}  # fmt: skip
"""Cities and their area codes; the first is where most customers are."""

FIRST: Final = tuple("澄沅榕屿砚栩岚淞衡珺")
MIDDLE: Final = tuple("禾岭川柏源峪帆野桥朗")
LAST: Final = tuple("盛达启隆恒兴诚裕联汇")

TRADES: Final = {
    "SALE": ("机械制造", "商贸", "建材", "五金", "装饰工程", "汽车零部件", "电子科技", "物流", "食品", "模具"),
    "PROPERTY": ("餐饮管理", "商贸", "教育咨询", "健身服务", "网络科技", "药房", "美容服务", "超市"),
    "LEASING": ("建筑工程", "路桥工程", "机械施工", "仓储", "物流", "装备制造", "环保工程"),
}
"""Lines of business in the names of customers, by the business of the creditor."""

INDUSTRIES: Final = {
    "机械制造": "制造业", "汽车零部件": "制造业", "模具": "制造业", "装备制造": "制造业", "食品": "制造业",
    "商贸": "贸易", "建材": "贸易", "五金": "贸易", "超市": "贸易", "药房": "贸易",
    "餐饮管理": "服务业", "教育咨询": "服务业", "健身服务": "服务业", "美容服务": "服务业",
    "物流": "服务业", "仓储": "服务业",
    "电子科技": "信息服务", "网络科技": "信息服务",
    "装饰工程": "建筑业", "建筑工程": "建筑业", "路桥工程": "建筑业", "机械施工": "建筑业", "环保工程": "建筑业",
}  # fmt: skip
"""The industry of each line of business."""

ABROAD: Final = (
    ("US", "USD", "America/Chicago", "+13125550", "Inc."),
    ("DE", "EUR", "Europe/Berlin", "+493023125", "GmbH"),
    ("HK", "HKD", "Asia/Hong_Kong", "", "(HK) Limited"),
    ("GB", "USD", "Europe/London", "+442079460", "Ltd"),
)
"""Customers abroad: country, currency, time zone, telephone range set aside for fiction, form of company."""

ABROAD_FIRST: Final = (
    "Larkfell", "Oakmere", "Brennhagen", "Silverpine", "Thornvale", "Kestrelby", "Ashwold", "Rimbeck", "Corrindale",
    "Veldhauer", "Merrowgate", "Stonelark",
)  # fmt: skip
ABROAD_SECOND: Final = ("Tooling", "Machinery", "Plant Hire", "Engineering", "Industrial Supply", "Trading")

SURNAMES: Final = tuple("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕")
GIVEN: Final = (
    "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "洋", "艳", "勇", "军", "杰", "娟", "涛", "明",
    "超", "霞", "平", "刚",
    "桂英", "志强", "海燕", "建华", "晓东", "雪梅", "文博", "思远", "嘉怡", "子涵",
    "国栋", "永康", "秀兰", "新宇", "佳琪",
)  # fmt: skip

FOREIGN_PERSONS: Final = ("Anna Keller", "James Whitford", "Mei Wong", "Laura Hensley", "Peter Vogt", "Karen Lam")

SALES: Final = ("高翔", "林晓", "许诺", "郑凯", "谢婷", "唐宇")
"""Sales owners."""

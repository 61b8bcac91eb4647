"""Words in company names that tell little: legal forms, places, lines of business; and traditional characters."""

import re
from typing import Final

_TRADITIONAL: Final = (
    "國際電業貿進務實產製機設備車輛輪鋼鐵銅鋁礦煉廠廣東臺灣灣門龍華東興達聯順豐億萬寶鑫發運輸遠飛馬魚鳥麗維紡織網絡絲綢紅綠藍黃"
    "藝術書館園區縣鄉鎮處總區員會計師務學醫藥療養護農場漁環節約環資訊軟體硬數據碼雲創誠偉傑義禮樂愛無為與時開關閉問間聞陽陰陳劉趙"
    "張吳鄭馮蔣韓楊許鄧蕭葉蘇盧賈鄒陸顏錢湯羅畢齊莊顧孫倫蘭蓮莉嶺崗島濟濱瀋瀘滬鄂贛遼寧慶銀鄰歐亞極優勢標準檢測驗證產權價質"
    "銷購買賣賬單據稅費裝飾築橋樑樓層門窗燈飲餐麵粉糧麥鹽醬釀雞鴨豬燒烤鍋爐氣熱壓縮離過濾淨潔灑膠漿紙張筆墨顏塗層焊接線纜圓盤鏈條動團報專營當萊韻恆暉軒禎創啟凱來對後樂號轉週鄉鬆"
)
_SIMPLIFIED: Final = (
    "国际电业贸进务实产制机设备车辆轮钢铁铜铝矿炼厂广东台湾湾门龙华东兴达联顺丰亿万宝鑫发运输远飞马鱼鸟丽维纺织网络丝绸红绿蓝黄"
    "艺术书馆园区县乡镇处总区员会计师务学医药疗养护农场渔环节约环资讯软体硬数据码云创诚伟杰义礼乐爱无为与时开关闭问间闻阳阴陈刘赵"
    "张吴郑冯蒋韩杨许邓萧叶苏卢贾邹陆颜钱汤罗毕齐庄顾孙伦兰莲莉岭岗岛济滨沈泸沪鄂赣辽宁庆银邻欧亚极优势标准检测验证产权价质"
    "销购买卖账单据税费装饰筑桥梁楼层门窗灯饮餐面粉粮麦盐酱酿鸡鸭猪烧烤锅炉气热压缩离过滤净洁洒胶浆纸张笔墨颜涂层焊接线缆圆盘链条动团报专营当莱韵恒晖轩祯创启凯来对后乐号转周乡松"
)
SIMPLER: Final = str.maketrans(dict(zip(_TRADITIONAL, _SIMPLIFIED, strict=True)))
"""The traditional characters that company names are made of, and their simplified forms; others stay as they are."""

REGIONS: Final = (
    "北京|上海|天津|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|"
    "内蒙古|广西|西藏|宁夏|新疆|香港|澳门|台湾|中国|石家庄|唐山|保定|太原|呼和浩特|沈阳|大连|长春|哈尔滨|南京|无锡|徐州|常州|苏州|南通|扬州|"
    "镇江|泰州|昆山|杭州|宁波|温州|嘉兴|湖州|绍兴|金华|义乌|台州|合肥|芜湖|福州|厦门|泉州|南昌|赣州|济南|青岛|淄博|烟台|潍坊|临沂|威海|"
    "郑州|洛阳|武汉|宜昌|襄阳|长沙|株洲|广州|深圳|珠海|汕头|佛山|东莞|中山|惠州|江门|南宁|柳州|桂林|海口|三亚|成都|绵阳|德阳|贵阳|遵义|昆明|"
    "拉萨|西安|宝鸡|咸阳|兰州|西宁|银川|乌鲁木齐|渝北|江北|浦东"
)
REGION: Final = re.compile(rf"(?:(?:{REGIONS})(?:特别行政区|自治区|省|市|区|县)?)+")
REGION_IN_BRACKETS: Final = re.compile(rf"[(\[【〔]((?:{REGIONS})(?:省|市)?)[)\]】〕]")

LEGAL_FORM: Final = re.compile(
    r"(?:股份有限公司|有限责任公司|有限合伙|有限公司|股份公司|集团公司|责任公司|分公司|公司|集团|股份|总厂|个体工商户|\(普通合伙\))+$"
)
LATIN_FORM: Final = re.compile(
    r"\b(?:CO|COMPANY|LTD|LIMITED|INC|INCORPORATED|CORP|CORPORATION|LLC|LLP|GMBH|AG|PLC|PTE|PTY|SDN|BHD|BV|SA|SRL|THE)\b\.?"
)
BRANCH: Final = re.compile(
    r"^(.{4,}(?:公司|集团|厂))(?:.{1,14})(?:分公司|支公司|分厂|分店|营业部|办事处|项目部|经营部|销售处|财务部)$"
)
TRADES: Final = re.compile(
    r"(?:国际贸易|进出口|供应链|电子商务|商贸|贸易|科技|技术|实业|电子|机械|机电|设备|制造|工业|工程|建设|建筑|建材|材料|新材料|化工|"
    r"食品|餐饮|物流|运输|物业|服务|管理|信息|网络|软件|咨询|文化|传媒|广告|医药|医疗|器械|服饰|服装|纺织|五金|汽车|能源|环保|农业|"
    r"投资|控股|发展|商务|装饰|家居|印刷|包装|塑料|塑胶|精密|自动化|电器|电气|仪器|光电|半导体|租赁|酒店|超市|百货|中心|厂|店)+$"
)
"""Lines of business at the end of a name; what is left is how people call the company."""

NOT_A_PAYMENT: Final = re.compile(
    r"退款|退回|退还|退汇|退税|退费|保证金|押金|利息|结息|工资|薪|报销|借款|还款|投资款|REFUND|RETURN|INTEREST|SALARY|DEPOSIT"
)
"""Words of money that is not for a receivable."""

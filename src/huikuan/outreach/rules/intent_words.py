"""The words by which `rules.intent` knows what a reply says, in Chinese and English."""
# ruff: noqa: E501  lists of words, one kind a line

import re
from typing import Final


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


HARMLESS: Final = _words(
    r"不好意思|不用担心|不用急|不要急|别急|别担心|请放心|没问题|没关系|没事|对不起|差不多|不管怎样|无论如何|不会拖延?|不再拖延?|绝不拖延?|不拖",
    r"不(?:会|可能)不(?=付|还|给)|不得不|不可能不|不超过|不少于|不低于|不得?晚于|不迟于|未付(?:的|款项?|货款|余款)|未结(?:的|款|清的)|没付的|欠付",
    r"no later than|not later than|no(?:t)? more than|no(?:t)? less than|no problem|no worr(?:y|ies)|don['’]?t worry|not a problem",
    r"no doubt|without fail|without (?:any |further )?delay|unpaid|not only|why not|do not hesitate|don['’]?t hesitate",
)
"""Phrases with a “no” that denies nothing."""

PAYS: Final = _words(
    r"付款|付清|付完|付掉|支付|付给|付到|付出|付(?=\d|[一二两三五十百千万全部余剩首尾一半])|(?<![应交垫已])付(?!款|清|费方式|息|诸|印)|打款|打给|打过|打钱|打到|打(?=\d)",
    r"汇款|汇出|汇给|汇过|汇(?=\d)|转账|转给|转过|转(?=\d)|结清|结款|结账|还款|还清|还上|还给|还(?=\d)|清账|回款|到账|给钱|给你们?钱|给(?=\d)",
    r"\b(?:pay|settle|transfer|remit|wire|send (?:you )?(?:the )?(?:money|payment|funds)|clear (?:the|this|our) (?:balance|debt|account|invoice|amount))\b",
    r"\b(?:paying|settling|transferring|remitting|wiring)\b|\bpayment\b|\bbe (?:paid|settled|transferred|remitted)\b",
)
"""Paying, as something to be done."""

DENIES: Final = _words(
    r"不会|不能|不可能|不可|不打算|不想|不愿|不同意|不承诺|不保证|不敢保证|不准备|不予|不肯|不该|不应|不需要?|不用|不必|不(?=[付打汇转还给结支])|不再",
    r"没法|没有?|无法|无力|无需|未曾?|尚未|从未|从没|从来没|拒绝|拒|别|勿|难以|暂停|停止|停|暂不|暂缓|取消|何时|什么时候|哪天",
    r"\b(?:not|never|no|cannot|without|refus\w*|declin\w*|unable|unwilling|nobody|neither|nor|stop\w*|den(?:y|ied|ies)|withhold\w*|withheld)\b",
    r"n['’]t\b|\binstead of\b|\brather than\b|\bno intention\b|\bfail(?:ed|s)? to\b|\bwhen (?:did|do|will|are) you\b",
)
"""Before the word of paying: it is not promised."""

FAILS: Final = _words(
    r"[付打汇转还给结拿凑](?:款|账)?不(?:了|出|起|上|到|成|来)|付不付|\bpayment (?:is|was|will be) (?:not|refused|stopped|suspended)"
)
"""After or around it: it is not promised either."""

OTHERS_PAY: Final = _words(
    r"(?:你们?|您|贵司|贵公司|贵方|对方|保险公司)(?:应|应该|应当|要|需|必须|先|再|欠|没|还没|都|先要)?.{0,4}(?:付|赔|退|打|汇|转)(?!给我)",
    r"请(?:你们?|贵司|贵方).{0,6}(?:付|退|赔)|付款(?:方式|条件|条款|账号|账户|信息|通知|要求|提醒)|催款|催付|收到(?:你们?|您|贵司|贵公司|贵方)?的?(?:付款|催)",
    r"\b(?:you|they|he|she|who)\b (?:must|should|have to|need to|want|asked|demand)[^,]{0,40}\bpa(?:y|id)",
    r"\bpayment (?:terms?|details?|method|reminder|request|notice|demand|link|instructions?|information|condition)\b|\b(?:your|the) (?:request|demand) for payment\b",
)
"""Somebody else is to pay, or paying is only spoken of."""

_HOW: Final = r"(?:付|支付|汇|打|转|结|还|缴)"
PAID: Final = _words(
    rf"(?:已经?|早已|早就|刚刚?|都|业已)(?:[^，。,不没未]{{0,12}}?){_HOW}(?:款|清|账|钱|出|给|过|到|了|完|掉|讫|\d|$)",
    rf"(?:昨[天日]|前[天日]|上周.?|上个?月|今[天早]|\d{{1,2}}[号日])[^，。,不没未会将要]{{0,12}}?{_HOW}(?:款|清|账|钱|出|给.{{0,4}}|过|过去|掉|完)*了",
    rf"{_HOW}(?:款|清|账|钱|出|过|掉|完)*(?:过去)?(?:了|过了|完毕)(?!解|吗|么)|款(?:项)?(?:已|早).{{0,4}}(?:付|打|汇|转|到)|(?:已|早)到账|付讫",
    r"\b(?:have|has|had|['’]ve|['’]s|was|were|been|already|just|previously) (?:\w+ly |already |just |been |all |now |both ){0,3}(?:paid|settled|transferred|remitted|wired|cleared|made (?:the |this |a |our )?(?:payment|transfer))\b",
    r"\b(?:we|i|they|accounting|finance) (?:\w+ly )?(?:paid|settled|transferred|remitted|wired|made (?:the |this |a |our )?(?:payment|transfer))\b|\bpayment (?:was|has been|is) (?:\w+ )?(?:made|sent|done|completed|executed|processed)\b",
    r"\b(?:it|invoice|this|bill|amount)(?: \S+)? (?:is|was|has been|were) (?:already |fully )?(?:paid|settled)\b|\bpaid (?:on|by|yesterday|last|via|in full|already)\b",
)
"""Paying, as something done."""

IN_PROCESS: Final = _words(
    r"申请|流程|审批|计划|准备|打算|安排|排款|排期|会付|将付|要付|会在|才能|才会",
    r"\bwill (?:be|have)\b|\b(?:to be|should (?:be|have)|must be|can be|not) (?:\w+ )?paid|\bscheduled\b|\bonce\b|\bif\b|\buntil\b|\bafter\b|\bunless\b",
)
"""Said of something that is only on its way."""

CONDITION: Final = _words(
    r"如果|假如|若|要是|只要|等.{0,20}(?:后|再|之后)|收到.{0,12}(?:后|再|之后|才)|才能|才会|争取|尽量|应该|可能|大概|估计|左右|看情况|视.{0,6}情况|希望|预计|尽快",
    r"\bif\b|\bonce\b|\bunless\b|\bas soon as\b|\bprovided\b|\bafter (?:you|we|receive)|\bsubject to\b|\btry\b|\bhope\b|\bmight\b|\bmaybe\b|\bprobably\b|\babout\b|\baround\b|\bexpect\b",
)
"""Said with a reservation."""

ASKS: Final = _words(r"[?？]\s*$|[吗么呢]\s*[。？?]*$|能否|可否|是否|能不能|可不可以|行不行")

REFERENCE: Final = re.compile(
    r"(?:流水号?|回单号?|交易号|凭证号|单号|附言|参考号|\bref(?:erence)?(?:\s?(?:no|number))?\.?|\btransaction(?:\s(?:id|no))?|\bTT|\bUTR)"
    r"\s*(?:是|为|[:：#])?\s*(?P<reference>(?=[A-Z0-9-]*\d)[A-Z0-9][A-Z0-9-]{5,39})",
    re.IGNORECASE,
)

STOP_ALONE: Final = re.compile(
    r"(?:TD|T|退订|拒收|STOP|STOPALL|UNSUBSCRIBE|QUIT|END|CANCEL|OPT[- ]?OUT)[.。!！]?", re.IGNORECASE
)
"""A whole message that is the answer carriers tell people to give."""

PHRASES: Final = {
    "DISPUTE": _words(
        r"质量(?:有|存在|出现?|的)?(?:严重|一些|明显|很大|点)?(?:问题|缺陷|瑕疵|异议)|质量(?:不合格|太差|不行|不过关|不达标|很差)|次品|残次|不合格|破损|损坏|变质|生锈|开裂|退货|换货",
        r"(?:少|漏)(?:发|送|给|到)(?:了|货|\d)|数量(?:不对|不符|不足|有误|对不上|短缺)|短少|(?:单价|价格|金额|账|数字|款项)(?:不对|不符|有误|错误|错了|有出入|对不上|有问题)",
        r"(?:有|存在|提出)(?:质量|数量|价格|一些|重大)?(?:异议|争议)|不认可|不承认|不同意(?:这|该|此|贵)|多收|重复(?:收费|开票|计费)",
        r"(?:没有?|未|还没有?|尚未|从未|一直没有?)(?:收到|看到|拿到|见到)(?:.{0,6})(?:货物?|发票|产品|设备|商品|材料)|(?:货物?|发票|产品|设备)(?:.{0,4})(?:没有?|未|还没有?|尚未)(?:收到|开|到|送达)|发票(?:开错|有误|抬头|税号|错)",
        r"(?:没有?|未|还没有?|尚未)(?:通过)?验收|验收(?:不合格|没通过|未通过)|服务(?:不到位|没做完|未完成|太差|不符)|延迟交货|交货(?:延误|太晚|迟)|(?:拒绝|拒)付",
        r"\bdisput(?:e|ed|ing)\b|\bdefect\w*|\bfaulty\b|\bdamaged\b|\b(?:poor|bad|low) quality\b|\bquality (?:issue|problem|complaint|defect)s?\b|\bbroken\b|\bdo(?:es)? not (?:accept|agree|recogni[sz]e|match)\b|\bdon['’]t (?:accept|agree|recogni[sz]e)\b|\bdisagree\b",
        r"\bwrong (?:price|amount|quantity|invoice|goods|item|product|total)\b|\b(?:price|amount|quantity|invoice|total|figure)s? (?:is|are|was|were) (?:wrong|incorrect|not correct|too high)\b|\bincorrect (?:price|amount|quantity|invoice)\b|\bovercharged\b|\bshort[- ]?(?:delivered|delivery|shipped|shipment)\b|\bmissing (?:items?|goods|parts|units)\b",
        r"\b(?:not|never)(?: yet)? (?:been )?(?:received|delivered)\b|\b(?:n['’]t|never)(?: yet| even| ever)? (?:received?|got|seen) (?:the |your |any |this |these |an? )?(?:goods|invoice|delivery|shipment|order|products?)\b|\b(?:not|never) received (?:the |your |any |this |an? )?(?:goods|invoice|delivery)\b",
    ),
    "HARDSHIP": _words(
        r"资金(?:很|太|非常|比较|最近|确实|有些|有点|暂时|一直|十分|面临|出现|链|上)*(?:紧张|困难|断裂|断了|紧缺|周转|不足|问题)|周转(?:不开|不过来|困难|不灵|有问题)|手头(?:很|有点|比较)?紧|没钱|账上没|经营(?:很|十分|非常|出现|比较)?困难|效益不好",
        r"[付还拿](?:款)?不(?:出|起)|无力(?:支付|付款|偿还|还款)|破产|停产|倒闭|清算|重整|账户(?:被|已)?(?:冻结|查封)|缓一缓|宽限|分期|延期付|延后付|确有困难|有困难|暂时困难",
        r"\bcash[- ]?flow\b|\b(?:financial|liquidity|economic) (?:difficult(?:y|ies)|problems?|trouble|distress|hardship)\b|\bhardship\b|\b(?:cannot|can['’]?t|can not|could not|couldn['’]t) (?:currently |afford|pay)|\bunable to (?:pay|settle)\b|\bnot able to pay\b|\binsolven\w+|\bbankrupt\w*",
        r"\bshort (?:of|on) (?:cash|funds|money)\b|\b(?:no|not enough|insufficient) (?:cash|funds|money)\b(?![- ]flow)|\b(?:need|request|ask for|grant|give) (?:us |me |an? |some |for )*(?:extension|more time|instal?lments?|payment plan)\b|\bpay (?:\w+ ){0,4}in instal?lments\b|\bliquidation\b|\breceivership\b",
    ),
    "STOP": _words(
        r"退订|取消订阅|(?:不要|别|请勿|勿|不准|不许|禁止)(?:再|老|总|一直|继续|随便)*(?:给我|给我们|跟我|和我|来|向我|往这.{0,4})?(?:打电话|打了|打来|发(?:了|短信|邮件|信息|消息|这)|联系|骚扰|打扰|来电|短信)|停止(?:给我|向我)?(?:联系|发送|骚扰|打扰|来电|发邮件|发短信)",
        r"\bunsubscribe\b|\bstop (?:contacting|calling|emailing|e-mailing|messaging|texting|writing|harassing|bothering|sending (?:me|us|these|this|any))|\b(?:do not|don['’]t|never) (?:ever )?(?:contact|call|e-?mail|text|message|write(?: to)?|bother|phone) (?:me|us|this|again)|\bopt(?:ing|ed)?[- ]?out\b|\bremove (?:me|us|my|this|our) (?:\w+ ){0,3}(?:from|address|number)|\bleave me alone\b",
    ),
    "WRONG_PERSON": _words(
        r"(?:打|发|找|搞|弄|寄)错(?:人|了|号|邮箱|对象|地方)|(?:我|本人|这里|这边)(?:并)?不是(?:这家?|他|她|该|贵|你们?要找|你们?说|.{0,12}(?:公司|单位|负责人|员工|的人|会计|财务))|不认识(?:这|他|她|该|你)|查无此人|没有?这个人|没有这家",
        r"(?:已经?|早就|早已|我|他|她|本人)(?:已经?|早就|早)?(?:离职|辞职|退休|不在(?:这|该|那|贵|原)?.{0,6}(?:公司|单位|上班|工作|干|做)了?)|换人了|(?:不|没)(?:再)?负责(?:这|此|该|付款|财务|.{0,6}了)|(?:与|和|跟)(?:我|本人|我们|我司)(?:公司)?(?:没关系|无关|没有关系)|不归我",
        r"\bwrong (?:person|number|address|e-?mail|contact|company|recipient|department)\b|\bno longer (?:work\w*|with|employed|at|responsible|in charge)\b|\b(?:has|have|he|she|i) left (?:the|this|our) (?:company|firm|business)\b|\bnot the (?:right|correct) (?:person|contact|address|department)\b",
        r"\b(?:do not|don['’]t) (?:know|work (?:for|at|with|there)) (?:this|that|him|her|them|the|there|anyone|anybody)?|\b(?:not|n['’]t) (?:responsible|in charge)\b|\bnothing to do with\b|\bnot (?:an? )?(?:employee|customer) (?:of|there)\b|\bmistaken identity\b",
    ),
    "OUT_OF_OFFICE": _words(
        r"不在办公室|(?:正在|在|我)(?:外地)?(?:出差|休假|度假|休年假|休产假)|出差(?:中|期间)|休假(?:中|期间|至|到)|外出(?:期间|公干)|年假|产假|自动回复",
        r"\bout of (?:the )?office\b|\bon (?:annual |maternity |sick |parental |my )?(?:leave|vacation|holiday)\b|\baway from (?:the |my )?(?:office|desk|email)\b|\bauto(?:matic)?[- ]?reply\b|\blimited access to (?:my )?e-?mails?\b",
    ),
}  # fmt: skip
"""What else a reply may say, by the code of its kind."""

REASONS: Final = {
    "QUALITY": _words(r"质量|次品|残次|不合格|破损|损坏|变质|生锈|开裂|\bquality|\bdefect|\bfaulty|\bdamaged|\bbroken"),
    "QUANTITY": _words(r"数量|少发|少送|少到|漏发|漏送|短少|\bquantity|\bshort|\bmissing"),
    "INVOICE": _words(r"发票|开票|税号|抬头|\binvoice"),
    "PRICE": _words(
        r"价格|单价|金额|多收|重复收费|数字|账不|账有|款项不|\bprice|\bamount|\bovercharged|\btotal|\bfigure"
    ),
    "DELIVERY": _words(
        r"收到.{0,6}(?:货|产品|设备|材料|商品)|(?:货|产品|设备).{0,6}(?:收到|没到|未到|送达)|交货|\breceived|\bdelivered|\bdelivery|\bshipment|\bgoods"
    ),
    "SERVICE": _words(r"服务|验收|\bservice|\bacceptance"),
}
"""What a dispute is about, by the code of its kind; the first that fits."""

_NEAR: Final = (
    r"(?:没有?|无|不存在|并非|并不|不是|未发现|不|从未|从没)(?:任何|什么|出现|发现|提出|存在|因为|要|会)?\s*$"
)
_NEAR_EN: Final = (
    r"\b(?:no|not|never|without|isn['’]t|aren['’]t|wasn['’]t|don['’]t|doesn['’]t|didn['’]t|nothing)\s+(?:\w+\s+){0,3}$"
)
_COMMON: Final = _words(_NEAR, _NEAR_EN)
DENIED_WORDS: Final = {
    "DISPUTE": _COMMON,
    "HARDSHIP": _COMMON,
    "STOP": _words(_NEAR, r"\b(?:did not|didn['’]t|not|never)\s+(?:\w+\s+){0,2}$"),
    "WRONG_PERSON": _COMMON,
    "OUT_OF_OFFICE": _COMMON,
    "PAID": _words(
        r"(?:没有?|未|尚未|还没有?|不|从未|并未|无法|拒绝|何时|什么时候|是否)[^，。]{0,6}$",
        r"\b(?:not|never|n['’]t|no|without|until|unless|if|once|when|nobody|before|after)\b[^.]{0,30}$|n['’]t [^.]{0,20}$",
    ),
}  # fmt: skip
"""Just before a phrase: it is denied."""

BACK: Final = re.compile(
    r"(?:至|到|直到|回来|返回|回办公室|until|till|back (?:on|in)?|return(?:ing)? (?:on|to the office on)?|through).{0,40}|.{0,20}(?:回来|返回|上班|回公司)",
    re.IGNORECASE,
)

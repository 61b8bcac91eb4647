"""The language check: what must be found however it is hidden, and what must pass, in sentences of real notices."""

import pytest

from huikuan.policy.reading.guard import all_packs, guard_pack
from huikuan.policy.rules.traditional import SIMPLIFIED
from huikuan.policy.rules.wording import check_words

DEFAULT = guard_pack("guard_cn_default").words
WORDS = tuple(words for pack in all_packs() for words in pack.words)

FAIL_ZH = """
threat | 再不付款，后果自负
threat | 再不付款，后 果 自 负
threat | 再不付款，后*果*自*负！
threat | 再不付款，后·果·自·负
threat | 再不付款，后\u200b果\u200b自\u200b负
threat | 再不付款，後果自負
threat | 你給我等著瞧
threat | 你等　着　瞧
threat | 咱们走着瞧
threat | 不还钱就要你好看
threat | 不还就天天上门
threat | 我们会找人收拾你
threat | 明天派人上门堵你们老板
threat | 我们去厂门口拉横幅
threat | 小心你的孩子
threat | 别怪我们不客气
threat | 對你不客氣
threat | 让你身败名裂
threat | 讓你身敗名裂
threat | 我们知道你住哪
threat | 再拖就打爆你的电话
threat | 让你在这行做不成生意
threat | 给你家挂花圈
threat | 你跑不掉的
threat | 吃不了兜着走
insult | 你们就是老赖
insult | 老 赖
insult | 老-赖
insult | 老賴
insult | 你这个骗子
insult | 騙子
insult | 真不要脸
insult | 真不要臉！
insult | 人渣
insult | 一群流氓
insult | 你混 蛋
insult | 厚颜无耻
insult | 厚顏無恥
insult | 死皮赖脸地拖
insult | 没脸没皮
authority | 公安机关已立案，请速还款
authority | 公安機關已立案
authority | 我们是法院的，马上来查封
authority | 这里是派出所
authority | 你会被逮捕
authority | 再不还要坐牢
authority | 你已涉嫌犯罪，将追究刑事责任
authority | 将把你列入失信名单
authority | 您将被列为失信被执行人
authority | 冻结您的账户
authority | 凍結您的賬戶
authority | 法院传票已经寄出
authority | 限制高消费
third_party | 我们会通知您的客户
third_party | 我們會通知您的客戶
third_party | 我们会 告诉 你 家人
third_party | 将联系您的家属
third_party | 将在网上曝光
third_party | 曝光贵司
third_party | 在朋友圈公开
third_party | 将张贴公示欠费名单
third_party | 将向同行通报，在业内通报
utilities | 不缴费将停止供水
utilities | 欠费房屋停电处理
utilities | 欠費房屋停電處理
utilities | 停 水 停 电
utilities | 不交费就不卖电
access | 欠费业主的门禁卡停用
access | 欠费车辆不得进入
posting | 将在公告栏张贴欠费名单
lockout | 逾期我们将换锁
lockout | 我们会强行拖走设备
third_party | 再不还就联系你单位领导，联系你的领导
threat | 影响子女上学
"""

PASS_ZH = """
您好，本期账单 86,000.00 元已于 7 月 5 日到期，请安排付款。
截至今日逾期 15 天，违约金按合同第八条以每日万分之五计算。
如逾期未付，我方将依法向有管辖权的人民法院提起诉讼。
如仍未收到款项，我方将依合同约定暂停新订单的发货。
服务已暂停。水费请向供水公司缴纳。
系统已停。电话联系财务即可恢复。
请问这笔款大概什么时候安排，本周五还是下周三？
感谢贵司一直以来的支持，祝商祺。
如对金额有异议，请在三日内书面告知，我们会在一小时内答复。
附件为对账单，请核对后盖章回传。
请将款项汇入以下账户，并注明发票号码。
若您已付款，请忽略本通知并告知付款日期。
我方保留依法主张违约金及实现债权费用的权利。
本函仅发给贵司法定代表人及财务负责人。
如需分期，请提出方案，首期不低于百分之三十。
贵司的信用等级为 B，账期三十天。
提前付款可减免百分之五十的违约金，优惠截至本周日。
请提防诈骗，本公司只使用上述账户收款，谨防骗子冒充。
我们不会透露贵司的付款信息。
您的开票资料有误，请更正。
感谢王经理昨天来电，约定周五付款六万元。
为方便入账，请上传付款回单。
请配合办理结清证明。
合同约定货到三十日付款。
请告知新的付款负责人。
您好，我是华泰建材的小陈，想和您核对一下上月的货款。
今天打扰您了，改天再联系。
如您不希望再收到短信，请回复退订。
贵司如遇经营困难，我们可以商量分期方案。
我们已收到款项，谢谢。
如经诉讼，诉讼费由败诉方承担。
必要时我方将申请财产保全。
本函以特快专递寄出，请签收。
租赁期满后请按合同归还设备。
请在检修期间注意安全。
如未按约履行，我方将依据民法典第五百八十五条主张违约金。
您的账户余额不足，扣款未成功。
附上三张发票的扫描件。
我方将于下月一日起执行新的价格。
供应商资料已更新。
会计年度结束前请完成对账。
双方协商一致后解除合同，租赁物由承租人送回。
我方律师将向贵司发出律师函。
仲裁条款见合同第十二条。
我们的客户服务电话是 400-800-1234。
贵公司客户经理张女士转告我们联系您。
付款链接二十四小时内有效。
因系统升级，周六暂停收款服务。
本次拜访由两位同事前往，请预约时间。
请确认收货地址是否变更。
"""

FAIL_EN = """
threat | Pay now, OR ELSE.
threat | Pay by Friday or else!
threat | P a y now o r e l s e
threat | You will regret this.
threat | You’ll regret it.
threat | We know where you live.
threat | We know where your children go to school
threat | We will ruin your reputation.
threat | We'll ruin-you
threat | Or suffer the consequences.
threat | We will put you out of business.
threat | I'll break your legs.
threat | WATCH YOUR BACK
threat | Ｗａｔｃｈ ｙｏｕｒ ｂａｃｋ
threat | We will teach you a lesson.
threat | We shall make your life hell.
threat | We will hunt you down.
threat | we will harm your family
threat | There is nowhere to hide
insult | You are a deadbeat.
insult | You are a DEAD-BEAT.
insult | you d e a d b e a t
insult | you are d.e.a.d.b.e.a.t
insult | You scum.
insult | You are liars and you know it.
insult | liar
insult | L I A R
insult | You crook!
insult | what a shameless company
insult | Only an idiot forgets this.
insult | stupid
insult | You thieves
insult | You are a swindler
authority | The police will come.
authority | The police\u200b will come.
authority | We are the court and we order you to pay.
authority | This is the court.
authority | you will be arrested
authority | You could go to jail for this
authority | You will end up in prison
authority | This gives you a criminal record
authority | Your account will be frozen tomorrow
authority | A warrant has been issued
authority | We issued a warrant.
authority | I act on behalf of the court
authority | criminal charges will follow
authority | We will seize your house
authority | We will send in the bailiffs
third_party | We will tell your  family.
third_party | We shall contact your customers about this.
third_party | We'll inform your suppliers.
third_party | We will tell your employer
third_party | we will tell your neighbours
third_party | We will publish your debt online.
third_party | We will name and shame you
third_party | We will expose you.
third_party | We will expose you to your customers
third_party | we'll post it online
third_party | We will tell everyone
utilities | We shall cut off the power.
utilities | We will turn off your water
utilities | You will be without heating
access | We will deactivate your access card
access | we will clamp your car
lockout | We will change the locks
lockout | we shall throw you out
posting | Your name is posted on the notice board
authority | We will garnish your wages
"""

PASS_EN = """
Dear Ms Wang, invoice 1024 over 860.00 fell due on 5 July.
It is 15 days overdue; interest is computed at 0.05 % a day under clause 8.
If it is not paid by 30 November we shall bring an action before the competent court.
We shall stop new deliveries under clause 9 until the account is settled.
The believer is no liability.
Please call us, or else by e-mail let us know when we may expect payment.
Please pay, or else please tell us what is wrong with the invoice.
You may break your payment into three installments.
Late payment may expose you to interest and costs.
Late payment may expose your company to costs of court.
Do you plan to pay on Friday or on Wednesday?
Thank you for your payment.
Please find the statement of account attached.
If you have paid already, please ignore this letter.
If you dispute the amount, tell us which part and why.
Our lawyers will send a formal demand.
We reserve our rights.
We accept transfers to the account below only; beware of fraud.
Your credit limit remains 100,000.00.
The offer ends on Sunday: half of the late fee is waived.
This letter is addressed to the managing director only.
We can agree on installments; the first is at least thirty percent.
Please tell your accountant that we called.
Please tell us your new address.
Your purchasing department confirmed the receipt of the goods.
Thank you for telling us about the delay.
To stop text messages reply STOP.
A colleague and I would like to visit you on Tuesday.
The matter will be decided by the court of your seat.
The arbitration clause is in section 12.
We will not share your data.
We look forward to hearing from you.
The lease ends in May; please return the machine to our depot.
Please check the shipping address.
Our office is closed over the holidays.
The court fee is borne by the losing party.
The equipment is insured against theft.
The water supply contract is attached.
The relief valve was delivered on Monday.
Goods were delivered in good condition.
Please tell the bank to transfer the amount.
We understand that the situation is difficult.
The amount was credited to your account.
We could not debit your account.
Your account is overdrawn by 200.00.
Please sign and return the plan.
Interest stops when the payment arrives.
The reminder was sent to accounts@tianhe.example.
Reliable partners pay on time.
The family name on the order is Stone.
"""


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.strip().splitlines()]


@pytest.mark.parametrize("line", lines(FAIL_ZH) + lines(FAIL_EN))
def test_what_must_not_be_written_is_found_in_its_place_with_a_better_way(line):
    kind, _, text = (part.strip() for part in line.partition("|"))
    found = check_words(text, WORDS, is_property=True)
    assert kind in {each.kind for each in found}
    for each in found:
        assert each.hit
        assert text[each.at : each.at + len(each.hit)] == each.hit
        assert each.instead


@pytest.mark.parametrize("text", lines(PASS_ZH) + lines(PASS_EN))
def test_what_may_be_written_passes(text):
    assert check_words(text, WORDS, is_property=True) == ()


def test_the_tables_are_long_enough():
    assert min(len(lines(FAIL_ZH) + lines(PASS_ZH)), len(lines(FAIL_EN) + lines(PASS_EN))) >= 110
    assert min(len(lines(FAIL_ZH)), len(lines(FAIL_EN))) >= 60


def test_utilities_are_the_property_managers_business():
    assert [each.kind for each in check_words("不缴费将停止供水", DEFAULT, is_property=True)] == ["utilities"]
    assert check_words("不缴费将停止供水", DEFAULT, is_property=False) == ()


def test_the_place_is_that_of_the_text_as_written():
    (found,) = check_words("Dear Sir,\nyou’ll regret it", DEFAULT, is_property=False)
    assert (found.phrase, found.at, found.hit) == ("you'll regret", 10, "you’ll regret")
    (found,) = check_words("请立即付款，後 果 自 負", DEFAULT, is_property=False)
    assert (found.at, found.hit) == (6, "後 果 自 負")


def test_no_word_over_two_sentences():
    assert check_words("供应已停。水费另计。", DEFAULT, is_property=True) == ()
    assert check_words("供应已停\n水费另计。", DEFAULT, is_property=True) == ()
    assert check_words("后果，自负", DEFAULT, is_property=False) != (), "longer ones are found across a mark"


def test_every_phrase_is_found_by_itself():
    for words in WORDS:
        for phrase in words.phrases:
            assert any(each.phrase == phrase for each in check_words(phrase, [words], is_property=True)), phrase


def test_the_small_table_of_traditional_characters_goes_one_way():
    assert not set(SIMPLIFIED) & set(SIMPLIFIED.values())
    assert all(len(each) == 1 for pair in SIMPLIFIED.items() for each in pair)

"""Delay signals, slowly: one customer and one fact after another, as a supervisor reads a file."""

from itertools import pairwise


def signals(*, promises, contacts, receipts, records, rules, as_of):
    """Return {(customer_id, kind): ids of the facts}."""
    found = {}
    everybody = {fact["customer_id"] for facts in (promises, contacts, receipts, records) for fact in facts}
    for customer in everybody:

        def mine(facts, customer=customer):
            own = [fact for fact in facts if fact["customer_id"] == customer and fact["on"] <= as_of]
            return sorted(own, key=lambda fact: (fact["on"], fact["id"]))

        said = {
            "PROMISES_BROKEN": mine(promises),
            "VAGUE_PROCESS": [
                each for each in mine(contacts) if each["reason"] == "IN_PROCESS" and not each["named_step"]
            ],
            "UNREACHABLE": _vain(mine(contacts)),
            "ENFORCEMENT": mine(records),
        }
        for kind, facts in said.items():
            if kind not in rules.counts or len(facts) < rules.counts[kind]:
                continue
            if kind == "UNREACHABLE" and (facts[-1]["on"] - facts[0]["on"]).days < rules.unreachable_days:
                continue
            found[customer, kind] = [fact["id"] for fact in facts]
        if "SHRINKING_PAYMENTS" in rules.counts and (ids := _shrinking(mine(receipts), rules)):
            found[customer, "SHRINKING_PAYMENTS"] = ids
        if "PAYER_CHANGED" in rules.counts and (ids := _new_payer(mine(receipts))):
            found[customer, "PAYER_CHANGED"] = ids
    return found


def _vain(contacts):
    vain, last_reached = [], None
    for each in contacts:
        if each["is_connected"] or each["direction"] == "IN":
            last_reached = each["on"]
    for each in contacts:
        reached = each["is_connected"] or each["direction"] == "IN"
        tried = each["direction"] == "OUT" and each["channel"] in {"PHONE", "VISIT"}
        if tried and not reached and (last_reached is None or each["on"] > last_reached):
            vain.append(each)
    return vain


def _shrinking(receipts, rules):
    count = rules.counts["SHRINKING_PAYMENTS"]
    for currency in sorted({each["currency"] for each in receipts}):
        last = [each for each in receipts if each["currency"] == currency and each["in_spell"]][-count:]
        if len(last) < count:
            continue
        if all(after["amount_minor"] < before["amount_minor"] for before, after in pairwise(last)):
            return [each["id"] for each in last]
    return None


def _new_payer(receipts):
    named = [each for each in receipts if each["payer_name"]]
    if len(named) < 3 or not named[-1]["in_spell"]:
        return None
    before = {each["payer_name"] for each in named[:-1]}
    return [named[-1]["id"]] if len(before) == 1 and named[-1]["payer_name"] not in before else None

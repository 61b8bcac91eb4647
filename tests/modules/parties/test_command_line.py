"""`huikuan init, user, entity, ledger`: what they do, and that any of them makes an empty home first."""

import json
import subprocess
import sys
from datetime import date

import pytest
from click.testing import CliRunner
from django.conf import settings as django_settings

from huikuan.cli import home as home_module
from huikuan.cli.entity import entity
from huikuan.cli.home import DatabaseOutdated, ensure_home
from huikuan.cli.init import init
from huikuan.cli.ledger import ledger
from huikuan.cli.user import user
from huikuan.parties.models import Entity, Membership, User
from huikuan.receivables.commands.items import book_item
from huikuan.receivables.commands.receipts import book_unidentified_receipt
from huikuan.receivables.models import DefaultTerms, OpenItem, ReferenceRate
from tests.people import NOON, a_customer


def run(command, *words, typed=None):
    result = CliRunner().invoke(command, words, input=typed)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def as_json(command, *words, typed=None):
    result = run(command, *words, "--json", typed=typed)
    return json.loads(result.stdout)


@pytest.fixture
def home(db):
    """An installation as the first command leaves it."""
    ensure_home()


def test_an_empty_database_gets_an_entity_terms_and_rates(db):
    told = as_json(init)
    assert told["entities"] == ["MAIN"]
    assert told["rates_loaded"] == ReferenceRate.objects.count() > 20
    assert DefaultTerms.objects.get(entity__code="MAIN").terms.reference_code == "CN_LPR_1Y"


def test_a_second_time_changes_nothing(home):
    held = (Entity.objects.count(), ReferenceRate.objects.count())
    assert as_json(init)["rates_loaded"] == 0
    assert (Entity.objects.count(), ReferenceRate.objects.count()) == held


def test_a_rate_written_down_by_hand_stays(home):
    ReferenceRate.objects.filter(code="CN_LPR_1Y", starts_on=date(2025, 5, 20)).update(rate_ppm=30_001)
    ensure_home()
    assert ReferenceRate.objects.get(code="CN_LPR_1Y", starts_on=date(2025, 5, 20)).rate_ppm == 30_001


def test_an_installation_that_has_entities_gets_no_other(jinxiu):
    ensure_home()
    assert [each.code for each in Entity.objects.all()] == ["PROP"]


def test_a_shared_database_is_upgraded_on_purpose_only(home, monkeypatch, settings):
    settings.EMBEDDED = False
    monkeypatch.setattr(home_module, "_pending", lambda: 1)
    with pytest.raises(DatabaseOutdated, match="huikuan init"):
        ensure_home()
    assert home_module.init_home().migrations_count == 1


def test_what_comes_next_is_said(home):
    shown = run(init).stdout
    assert "huikuan user add" in shown
    assert str(django_settings.HUIKUAN_HOME) in shown
    run(user, "add", "chen", "--role", "collector", "--entity", "MAIN", "--password-stdin", typed="gaoshan-liushui-8\n")
    assert "huikuan user add" not in run(init).stdout


def test_a_user_is_added_and_listed(home):
    words = ("--role", "collector", "--entity", "main", "--team", "华东组", "--password-stdin")
    added = as_json(user, "add", "chen", *words, typed="gaoshan-liushui-8\n")
    assert added["roles"] == [{"entity": "MAIN", "role": "COLLECTOR", "team": "华东组"}]
    assert User.objects.get().check_password("gaoshan-liushui-8")
    assert Membership.objects.get().role == "COLLECTOR"
    assert [each["name"] for each in as_json(user, "list")] == ["chen"]
    assert "COLLECTOR@MAIN" in run(user, "list").stdout


def test_a_password_may_be_typed_twice(home):
    typed = "gaoshan-liushui-8\ngaoshan-liushui-8\n"
    assert run(user, "add", "chen", "--superuser", typed=typed).exit_code == 0
    assert User.objects.get().is_superuser


def test_a_refusal_is_a_sentence_and_status_1(home):
    weak = run(user, "add", "chen", "--role", "finance", "--entity", "MAIN", "--password-stdin", typed="1234\n")
    assert (weak.exit_code, weak.stdout) == (1, "")
    assert weak.stderr
    nowhere = as_json(user, "add", "chen", "--role", "finance", "--entity", "NOWHERE", "--password-stdin",
                      typed="gaoshan-liushui-8\n")  # fmt: skip
    assert nowhere["error"]["code"] == "cli.entity-unknown"
    assert "MAIN" in nowhere["error"]["message"]
    assert not User.objects.exists(), "a user without the role asked for would be half a result"


def test_role_and_entity_belong_together(home):
    assert run(user, "add", "chen", "--role", "finance").exit_code == 2


def test_entities_are_opened_with_terms_of_their_own(home):
    added = as_json(entity, "add", "SME", "供应商有限公司", "--business", "service", "--terms", "cn_sme")
    assert (added["business"], DefaultTerms.objects.get(entity__code="SME").terms.kind) == ("SERVICE", "PER_DAY")
    as_json(entity, "add", "BARE", "无约定公司", "--terms", "NONE")
    assert not DefaultTerms.objects.filter(entity__code="BARE").exists()
    assert [each["code"] for each in as_json(entity, "list")] == ["BARE", "MAIN", "SME"]
    assert "供应商有限公司" in run(entity, "list").stdout
    assert as_json(entity, "add", "SME", "again")["error"]["code"] == "parties.entity-exists"


def test_a_role_can_change_and_a_password_too(home):
    run(user, "add", "chen", "--role", "collector", "--entity", "MAIN", "--password-stdin", typed="gaoshan-liushui-8\n")
    as_json(entity, "add", "SME", "供应商有限公司")
    as_json(user, "grant", "chen", "--role", "finance", "--entity", "MAIN")
    granted = as_json(user, "grant", "chen", "--role", "collector", "--entity", "SME", "--team", "华东组")
    assert [(each["entity"], each["role"]) for each in granted["roles"]] == [("MAIN", "FINANCE"), ("SME", "COLLECTOR")]
    run(user, "password", "chen", "--password-stdin", typed="liushui-gaoshan-9\n")
    assert User.objects.get(username="chen").check_password("liushui-gaoshan-9")
    assert run(user, "password", "chen", "--password-stdin", typed="1234\n").exit_code == 1
    assert User.objects.get(username="chen").check_password("liushui-gaoshan-9")
    assert as_json(user, "grant", "li", "--role", "finance", "--entity", "MAIN")["error"]["code"] == "cli.user-unknown"


def test_unrecognized_money_is_given_to_its_payer_and_pays(home):
    main = Entity.objects.get(code="MAIN")
    payer = a_customer(main, "K1", "天河电子有限公司")
    book_unidentified_receipt(
        entity_id=main.pk, reference="BANK-7", received_on=date(2026, 7, 6), amount_minor=50_000, actor=None, now=NOON
    )
    assert as_json(ledger, "assign", "BANK-8", "K1")["error"]["code"] == "cli.receipt-unknown"
    assert as_json(ledger, "assign", "BANK-7", "K9")["error"]["code"] == "cli.customer-unknown"
    book_item(
        customer_id=payer.pk, number="INV-1", issued_on=date(2026, 6, 6), due_on=date(2026, 7, 5), amount_minor=30_000,
        actor=None, now=NOON,
    )  # fmt: skip
    told = as_json(ledger, "assign", "BANK-7", "K1", "--allocate")
    assert told == {"reference": "BANK-7", "customer": "K1", "unapplied": "200.00"}
    assert OpenItem.objects.get(number="INV-1").open_minor == 0
    assert as_json(ledger, "assign", "BANK-7", "K1")["error"]["code"] == "receivables.already-recognized"


def test_the_first_entity_gets_its_own_name(home):
    changed = as_json(entity, "change", "main", "--name", "重庆澄岭商贸有限公司", "--phone", "023-60000000")
    assert (changed["code"], changed["name"]) == ("MAIN", "重庆澄岭商贸有限公司")
    assert Entity.objects.get(code="MAIN").currency == "CNY"
    assert run(entity, "change", "MAIN").exit_code == 2
    assert as_json(entity, "change", "NOWHERE", "--name", "x")["error"]["code"] == "cli.entity-unknown"


def test_the_books_are_checked_and_repaired(home):
    customer = a_customer(Entity.objects.get(), "TIANHE", "天河电子有限公司")
    book_item(
        customer_id=customer.pk, number="FP-1", amount_minor=500, issued_on=date(2026, 1, 1), actor=None, now=NOON
    )
    assert as_json(ledger, "verify")["is_right"]
    OpenItem.objects.update(open_minor=499)
    found = run(ledger, "verify", "--json")
    assert found.exit_code == 1
    assert json.loads(found.stdout)["examples"] == {"receivables_openitem": ["FP-1"]}
    assert "FP-1" in run(ledger, "verify").stdout
    repaired = as_json(ledger, "verify", "--repair")
    assert (repaired["is_right"], repaired["left_after_repair"]) == (True, {})
    assert run(ledger, "verify").exit_code == 0


def test_the_journal_is_sealed(home):
    sealed = as_json(ledger, "seal")["sealed"]
    assert sealed > 0
    journal = as_json(ledger, "verify")["journal"]
    assert (journal["sealed"], journal["unsealed"], journal["is_whole"]) == (sealed, 0, True)
    assert run(ledger, "seal").exit_code == 0


def test_any_command_makes_an_empty_home(installation):
    """Not init first: the list of entities of an installation that is not there yet."""
    script = "from huikuan.cli.main import main; main()"
    program = [sys.executable, "-c", script, "entity", "list", "--json"]
    result = subprocess.run(program, env=installation, capture_output=True, text=True, check=False, timeout=120)
    assert (result.returncode, result.stderr) == (0, "")
    assert [each["code"] for each in json.loads(result.stdout)] == ["MAIN"]

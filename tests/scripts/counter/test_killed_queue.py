"""kill -9 at any moment: nothing that was promised to a customer is lost, and no sale is paid twice."""

import json
import random
import resource
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

from scripts.lib.durable_log import DurableLog, LogDamagedError, LogInUseError
from scripts.lib.merchant.chain_sales import ShopEventKind, shop_events
from scripts.lib.merchant.sale_queue import SaleQueue, SaleStage
from scripts.lib.merchant.sending import QueueSender
from scripts.lib.merchant.shop_counter import ShopCounter
from scripts.lib.payment.issue import PaymentIssue
from scripts.lib.workspace import ROOT
from tests.support.counter_town import key

KILLS = 4
LONGEST_LIFE_SECONDS = 0.4
"""After a till's first promise."""


@contextmanager
def limited_size(size):
    """Let no file of this process grow beyond so many bytes: as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def paid_on_chain(town, settings):
    """Return what the chain says of every sale: [(number, points), …], in order."""
    events = shop_events(town.book, town.web3, settings)
    return sorted((event.sale, event.points) for event in events if event.kind is ShopEventKind.SALE)


def test_till_killed_again_and_again_loses_no_promise_and_pays_none_twice(town, tmp_path):
    payer = key("Hanako")
    town.grant(payer.address, 100_000)
    settings = town.settings(offline_sale_points=0, offline_day_points=0)
    settings.write(tmp_path / "till.json")
    town.book.write(tmp_path / "contracts.json")
    command = [sys.executable, "-m", "tests.support.till_process", str(tmp_path), town.chain.url]
    command += [town.shop.key.to_0x_hex(), payer.key.to_0x_hex()]
    chosen = random.Random(9)
    promised = {}
    for _ in range(KILLS):
        till = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        said = till.stdout.readline()
        time.sleep(chosen.uniform(0, LONGEST_LIFE_SECONDS))
        till.send_signal(signal.SIGKILL)
        said += till.communicate()[0]
        for line in said.splitlines():
            _, number, points = line.split()
            assert int(number) not in promised, "a number was given out twice"
            promised[int(number)] = int(points)
    assert len(promised) >= KILLS

    with SaleQueue(tmp_path / "queue.log", settings.till) as queue:
        QueueSender(town.book, town.web3, settings, queue, town.shop).submit()
        assert not queue.sent and not queue.waiting()
        paid = {sale.number: sale.points for sale in queue.sales.values() if sale.stage is SaleStage.PAID}
    assert promised.items() <= paid.items()
    assert paid_on_chain(town, settings) == sorted(paid.items())
    assert town.balance(payer.address) == 100_000 - sum(paid.values())


class Killed(BaseException):
    """The process ended here."""


@pytest.mark.parametrize("moment", ["before the node hears", "after the node heard", "after the receipt"])
def test_till_killed_while_sending_pays_once(town, clock, tmp_path, monkeypatch, moment):
    payer = key("Hanako")
    town.grant(payer.address, 1_000)
    counter = town.counter(tmp_path, clock)
    purse = town.purse(tmp_path, payer, clock)
    counter.accept(purse.sign(purse.consider(counter.open_sale(300).text), payer).text)

    def die(*_arguments):
        raise Killed

    with monkeypatch.context() as patched:
        if moment == "before the node hears":
            patched.setattr("scripts.lib.merchant.sending.submit", die)
        elif moment == "after the node heard":
            patched.setattr(QueueSender, "_finish", die)
        else:
            patched.setattr(SaleQueue, "note_settled", die)
        with pytest.raises(Killed):
            counter.sender.submit()
    counter.queue.close()

    again = town.counter(tmp_path, clock)
    [outcome] = again.sender.submit()
    assert outcome.issue is PaymentIssue.NONE
    assert again.sender.submit() == []
    assert town.balance(payer.address) == 700


def test_queue_lost_with_its_disk_pays_no_sale_again(town, clock, tmp_path):
    """The customer's answers were kept on paper and are scanned again into a new queue."""
    payer = key("Hanako")
    town.grant(payer.address, 1_000)
    counter = town.counter(tmp_path, clock)
    purse = town.purse(tmp_path, payer, clock)
    answer = purse.sign(purse.consider(counter.open_sale(300).text), payer)
    counter.accept(answer.text)
    counter.sender.submit()

    new = ShopCounter(counter.settings, SaleQueue(tmp_path / "new.log", 0), town.shop, clock=clock)
    new.sender = town.sender(new)
    assert new.open_sale(300).sale.sale == answer.payment.sale  # the number begins anew
    new.accept(answer.text)
    [outcome] = new.sender.submit()
    assert outcome.issue is PaymentIssue.ALREADY_PAID
    assert town.balance(payer.address) == 700


def test_log_cut_anywhere_in_its_last_record_is_what_it_was_before(tmp_path):
    file = tmp_path / "log"
    with DurableLog(file) as log:
        log.append({"kind": "opened", "shop": "商店"})
        before = file.stat().st_size
        log.append({"kind": "answered"})
    whole = file.read_bytes()
    for length in range(before, len(whole)):
        file.write_bytes(whole[:length])
        with DurableLog(file) as log:
            assert log.records == [{"kind": "opened", "shop": "商店"}]
            log.append({"kind": "again"})
        with DurableLog(file) as log:
            assert [record["kind"] for record in log.records] == ["opened", "again"]


def test_log_that_the_disk_had_no_room_for_is_what_it_was_before_and_goes_on(tmp_path):
    """What was written of the record must not stand in front of the next one."""
    file = tmp_path / "log"
    with DurableLog(file) as log:
        log.append({"kind": "opened"})
        with limited_size(file.stat().st_size + 10), pytest.raises(OSError, match="too large"):
            log.append({"kind": "answered"})
        log.append({"kind": "again"})
        assert [record["kind"] for record in log.records] == ["opened", "again"]
    with DurableLog(file) as log:
        assert [record["kind"] for record in log.records] == ["opened", "again"]


def test_log_with_a_changed_line_is_refused(tmp_path):
    file = tmp_path / "log"
    with DurableLog(file) as log:
        log.append({"points": 100})
    file.write_bytes(file.read_bytes().replace(b"100", b"900"))
    with pytest.raises(LogDamagedError, match="line 1"):
        DurableLog(file)


def test_log_in_use_is_refused(tmp_path):
    with DurableLog(tmp_path / "log"), pytest.raises(LogInUseError):
        DurableLog(tmp_path / "log")


def test_number_is_on_disk_before_it_is_shown(town, clock, tmp_path):
    counter = town.counter(tmp_path, clock)
    first = counter.open_sale(10).sale.sale
    counter.queue.close()
    assert town.counter(tmp_path, clock).open_sale(10).sale.sale == first + 1
    content = counter.queue._log.path.read_text(encoding="utf-8")
    assert json.loads(content.splitlines()[0].split(" ", 1)[1])["sale"] == first

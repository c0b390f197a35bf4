"""Numbers of sales hold a day and a serial number, and no others than there are."""

import pytest

from scripts.lib.payment.sale_number import SERIALS, day_of_sale, sale_number, serial_of_sale


@pytest.mark.parametrize(("day", "serial"), [(0, 0), (9_600, 7), (9_600, SERIALS - 1)])
def test_number_holds_its_day_and_its_serial(day, serial):
    number = sale_number(day, serial)
    assert (day_of_sale(number), serial_of_sale(number)) == (day, serial)


@pytest.mark.parametrize(("day", "serial"), [(-1, 0), (9_600, -1), (9_600, SERIALS)])
def test_number_of_a_day_or_serial_that_is_none_is_refused(day, serial):
    """The next day's first number would be taken for this day's last but one."""
    with pytest.raises(ValueError, match=f"no sale number: day {day}, serial {serial}"):
        sale_number(day, serial)

"""What anybody can ask the exchange."""

from eth_account.messages import encode_typed_data

from scripts.lib.exchange.signatures import Naming, naming_data
from tests.support.exchange_town import LONG, reference
from tests.support.town import CITY


def test_domain_separator_is_that_of_the_standard(desk, exchange, stranger):
    naming = naming_data(desk.domain, Naming(reference("holding"), CITY, str(stranger), LONG))
    assert exchange.DOMAIN_SEPARATOR() == "0x" + encode_typed_data(full_message=naming).header.hex()

from tests.support.counter_town import key


def test_first_page_shows_the_points_of_the_chain(town, person):
    town.grant(key("holder").address, 12_345)
    citizen = person()
    page = citizen.open("index.html")
    page.get_by_text("12,345ポイント").wait_for()
    page.get_by_text("お店が受け取り、まだ円で支払われていないポイントの合計").wait_for()
    assert page.get_by_role("link", name="レジ").get_attribute("href") == "counter.html"
    page.get_by_role("button", name="English").click()
    page.get_by_text("12,345 points").wait_for()
    page.get_by_text("what shops have taken and have not been paid for in yen").wait_for()
    assert citizen.complaints == []

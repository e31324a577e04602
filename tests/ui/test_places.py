"""What is shown keeps its place on the page, whatever comes and goes."""

from uuid import UUID, uuid4

from ui.elements.places import ROOM, Places


def shown(places: Places, *newest_first: UUID) -> dict[UUID, int]:
    return {each: place for place, each in enumerate(places.arrange(newest_first)) if each is not None}


def test_a_new_one_comes_on_top_and_the_others_do_not_move() -> None:
    first, second, places = uuid4(), uuid4(), Places()
    before = shown(places, first)
    after = shown(places, second, first)
    assert after[first] == before[first]
    assert after[second] < after[first]


def test_one_that_ends_leaves_its_place_empty() -> None:
    first, second, third, places = uuid4(), uuid4(), uuid4(), Places()
    before = shown(places, third, second, first)
    assert shown(places, third, first) == {third: before[third], first: before[first]}


def test_the_order_is_that_of_the_list() -> None:
    alerts = [uuid4() for _ in range(5)]
    assert list(shown(Places(), *alerts)) == alerts


def test_many_one_after_the_other_are_all_shown_newest_first() -> None:
    places, alive = Places(), [uuid4()]
    for _ in range(3 * ROOM):
        alive = [uuid4(), *alive[:4]]
        assert list(shown(places, *alive)) == alive


def test_more_than_there_is_room_for_are_shown_and_fewer_again_later() -> None:
    places, alive = Places(), [uuid4() for _ in range(2 * ROOM)]
    assert list(shown(places, *alive)) == alive
    assert list(shown(places, *alive[-3:])) == alive[-3:]
    assert not shown(places)

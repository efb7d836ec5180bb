"""What a client's frame means, given what went before; and the queue to one socket."""

import asyncio
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from api.duty import session
from api.duty.line import Line, Parcel
from api.duty.session import Act, Close, Hello, Pressed, Received, Session, Unfit


def _greeted(frames_sent: int = 0) -> Session:
    talk = Session()
    assert isinstance(talk.hear('{"type":"hello","token":"t"}'), Hello)
    talk.frames_sent = frames_sent
    return talk


def test_hello_carries_token_stream_and_after():
    said = Session().hear('{"type":"hello","token":"t","stream":"s","after":17,"unknown":true}')
    assert said == Hello("t", "s", 17)


@pytest.mark.parametrize(
    "first",
    [
        '{"type":"received","seq":1}',
        '{"type":"act","ref":"r","order":"O-1","action":"acknowledge"}',
        '{"type":"act","ref":"r"}',
        '{"type":"nonsense"}',
        '{"type":"hello"}',
        '{"type":"hello","token":7}',
        '{"type":"hello","token":"t","after":"17"}',
        "not json",
        "[]",
        "",
        "null",
        '{"type":"hello","token":"t","after":NaN}',
        "[" * 60_000,
        b"\xff\xfe",
    ],
)
def test_anything_but_a_good_hello_first_is_a_bad_frame(first):
    said = Session().hear(first)
    assert isinstance(said, Close)
    assert said.code == 4400


def test_hello_twice_is_a_bad_frame():
    said = _greeted().hear('{"type":"hello","token":"t"}')
    assert isinstance(said, Close)
    assert said.code == 4400


def test_a_frame_of_64_kib_is_heard_and_one_byte_more_is_a_bad_frame():
    head = '{"type":"received","seq":1,"pad":"'
    fits = head + "x" * (64 * 1024 - len(head) - 2) + '"}'
    assert _greeted(1).hear(fits) == Received(1)
    said = _greeted(1).hear(fits.replace('"}', 'x"}'))
    assert isinstance(said, Close)
    assert said.code == 4400


def test_the_limit_counts_bytes_not_characters():
    said = _greeted().hear('{"type":"received","seq":0,"pad":"' + "火" * 30_000 + '"}')
    assert isinstance(said, Close)


def test_received_is_told_once_and_only_upward():
    talk = _greeted(frames_sent=5)
    assert [talk.hear(f'{{"type":"received","seq":{seq}}}') for seq in (2, 2, 1, 5, 4)] == [
        Received(2),
        None,
        None,
        Received(5),
        None,
    ]


@pytest.mark.parametrize("seq", [-1, 6])
def test_received_of_what_was_never_sent_is_a_bad_frame(seq):
    said = _greeted(frames_sent=5).hear(f'{{"type":"received","seq":{seq}}}')
    assert isinstance(said, Close)
    assert said.code == 4400


def test_an_act_that_says_too_little_is_answered_by_its_ref():
    assert isinstance(_greeted().hear('{"type":"act","ref":"r-1"}'), Unfit)
    said = _greeted().hear('{"type":"act","ref":"r-1","order":7,"action":"acknowledge"}')
    assert isinstance(said, Unfit)
    assert said.ref == "r-1"


def test_an_act_without_a_ref_is_a_bad_frame():
    assert isinstance(_greeted().hear('{"type":"act","order":"O-1","action":"acknowledge"}'), Close)
    assert isinstance(_greeted().hear('{"type":"act","ref":"","order":"O-1","action":"acknowledge"}'), Close)


def test_a_bare_reason_code_in_value_is_the_reason():
    said = _greeted().hear('{"type":"act","ref":"r","order":"O-1","action":"decline","value":"no_crew"}')
    assert said == Act("r", "O-1", "decline", None, {"reason": "no_crew"})


def test_a_value_that_is_no_object_is_unfit():
    said = _greeted().hear('{"type":"act","ref":"r","order":"O-1","action":"decline","value":[1]}')
    assert isinstance(said, Unfit)


@given(st.one_of(st.binary(max_size=300), st.text(max_size=300)), st.booleans())
def test_no_bytes_make_a_session_raise(data, greeted):
    talk = _greeted() if greeted else Session()
    said = talk.hear(data)
    assert said is None or isinstance(said, (Hello, Received, Act, Unfit, Close))


_members = st.sampled_from(
    ["type", "ref", "order", "action", "seq", "token", "value", "note", "check", "people", "items", "handed_by"]
)
_words = st.sampled_from(["act", "answer", "handover", "received", "hello"])


@given(st.dictionaries(_members, st.one_of(st.none(), st.integers(), st.text(max_size=5), _words, st.just([]))))
def test_no_frame_like_object_makes_a_session_raise(frame):
    said = _greeted(3).hear(json.dumps(frame))
    assert said is None or isinstance(said, (Received, Pressed, Unfit, Close))


def test_frames_written_are_the_contracts():
    now = "2026-01-01T00:00:00.000Z"
    frame = json.loads(session.welcome("station:ST-1", "s", 3, now, resumed=False, orders=[], checks=[{"id": "Q-1"}]))
    assert frame == {
        "type": "welcome",
        "recipient": "station:ST-1",
        "stream": "s",
        "seq": 3,
        "server_time": "2026-01-01T00:00:00.000Z",
        "resumed": False,
        "open": [],
        "checks": [{"id": "Q-1"}],
    }
    for noun in ("order", "check", "station"):
        assert json.loads(session.result("r", body={"id": "1"}, noun=noun)) == {
            "type": "result",
            "ref": "r",
            "ok": True,
            noun: {"id": "1"},
        }
    assert json.loads(session.result("r", error="no")) == {"type": "result", "ref": "r", "ok": False, "error": "no"}


async def _taken(line: Line) -> list[int]:
    return [parcel.seq for _ in range(len(line)) if (parcel := await line.take(0)) is not None]


async def test_a_line_gives_replay_then_new_each_once_in_order():
    line = Line("station:ST-1", last=4)
    for seq in (5, 6):
        line.replay(Parcel(str(seq), seq))
    for seq in (5, 6, 7, 8):  # 5 and 6 were numbered before the screen joined, and are delivered only now
        line.put(Parcel(str(seq), seq))
    assert await _taken(line) == [5, 6, 7, 8]


async def test_a_gap_cuts_the_line():
    line = Line("station:ST-1", last=4)
    line.put(Parcel("6", 6))
    assert line.cut is not None
    assert await line.take(0) is None


async def test_a_full_line_is_cut_and_takes_no_more():
    line = Line("station:ST-1", last=0, most=3)
    for seq in range(1, 6):
        line.put(Parcel("", seq))
    assert line.cut is not None
    assert len(line) == 0


async def test_a_replay_is_as_long_as_it_is():
    line = Line("station:ST-1", last=0, most=3)
    for seq in range(1, 11):
        line.replay(Parcel("", seq))
    assert await _taken(line) == list(range(1, 11))


async def test_a_waiting_writer_wakes_for_a_parcel_and_for_a_cut():
    line = Line("station:ST-1", last=0)
    waiting = asyncio.create_task(line.take(60))
    await asyncio.sleep(0)
    line.put(Parcel("1", 1))
    assert (await waiting).seq == 1
    waiting = asyncio.create_task(line.take(60))
    await asyncio.sleep(0)
    line.sever("gone")
    assert await waiting is None


class _Talk(RuleBasedStateMachine):
    """Whatever a client says in whatever order, what the desk is told of `received` only grows and was sent."""

    def __init__(self):
        super().__init__()
        self.talk = _greeted()
        self.told = 0
        self.closed = False

    @rule(more=st.integers(0, 3))
    def frames_go_out(self, more):
        self.talk.frames_sent += more

    @rule(seq=st.integers(-2, 12))
    def client_confirms(self, seq):
        if self.closed:
            return
        said = self.talk.hear(f'{{"type":"received","seq":{seq}}}')
        if isinstance(said, Close):
            assert not 0 <= seq <= self.talk.frames_sent
            self.closed = True
        elif said is not None:
            assert isinstance(said, Received)
            assert said.seq > self.told
            self.told = said.seq
        else:
            assert seq <= self.told

    @rule(ref=st.text(min_size=1, max_size=5))
    def client_presses(self, ref):
        if not self.closed:
            frame = json.dumps({"type": "act", "ref": ref, "order": "O-1", "action": "acknowledge"})
            assert isinstance(self.talk.hear(frame), (Act, Close))

    @invariant()
    def nothing_unsent_is_confirmed(self):
        assert self.told <= self.talk.frames_sent


TestTalk = _Talk.TestCase
TestTalk.settings = settings(max_examples=40, stateful_step_count=20)

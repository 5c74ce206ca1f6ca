use proptest::prelude::*;

use super::*;

fn at(second: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(second)
}

fn clock(target_seconds: i64, events: &[(i64, ClockEventKind)]) -> SlaClock {
    let events = events
        .iter()
        .map(|(second, kind)| ClockEvent::new(at(*second), *kind, None))
        .collect();
    SlaClock::new(TimeDelta::seconds(target_seconds), events)
}

/// A case's life: what may follow what, with a pause between the events.
fn lives() -> impl Strategy<Value = Vec<(i64, ClockEventKind)>> {
    prop::collection::vec((0i64..500, 0u8..8), 0..40).prop_map(|steps| {
        use ClockEventKind as K;
        let mut second = 0;
        let mut life = vec![(0, K::Receiving)];
        let mut previous = K::Receiving;
        for (wait, choice) in steps {
            second += wait;
            let next = match (previous, choice) {
                (K::Receiving, _) => K::ReadyToRead,
                (K::ReadyToRead | K::Released | K::Lapsed | K::PrelimSigned | K::Resumed, 0) => K::Paused,
                (K::ReadyToRead | K::Released | K::Lapsed | K::PrelimSigned | K::Resumed, _) => K::Claimed,
                (K::Claimed, 0 | 1) => K::Released,
                (K::Claimed, 2 | 3) => K::Lapsed,
                (K::Claimed, 4) => K::PrelimSigned,
                (K::Claimed, _) => K::FinalSigned,
                (K::Paused, _) => K::Resumed,
                (K::FinalSigned, _) => K::Delivered,
                (_, _) => K::Addended,
            };
            life.push((second, next));
            previous = next;
        }
        life
    })
}

proptest! {
    #[test]
    fn every_second_has_exactly_one_owner(life in lives(), later in 0i64..1000) {
        let clock = clock(3600, &life);
        let now = at(life.last().unwrap().0 + later);
        let spans = clock.spans();
        prop_assert_eq!(spans[0].from, at(0));
        for pair in spans.windows(2) {
            prop_assert_eq!(pair[0].to, Some(pair[1].from), "no gap, no overlap");
            prop_assert!(pair[0].owner != pair[1].owner);
        }
        let owned: TimeDelta = spans.iter().map(|span| span.length(now)).sum();
        prop_assert_eq!(owned, clock.stopped_at().unwrap_or(now) - at(0));
    }

    #[test]
    fn time_never_runs_backwards_and_stands_still_after_delivery(life in lives(), a in 0i64..30_000, b in 0i64..30_000) {
        let clock = clock(3600, &life);
        let (early, late) = (at(a.min(b)), at(a.max(b)));
        prop_assert!(clock.elapsed(early) <= clock.elapsed(late));
        prop_assert!(clock.elapsed(late) - clock.elapsed(early) <= late - early);
        if let Some(stopped) = clock.stopped_at() {
            prop_assert_eq!(clock.elapsed(stopped), clock.elapsed(stopped + TimeDelta::days(1)));
            prop_assert_eq!(clock.state(), ClockState::Stopped);
            prop_assert_eq!(clock.owner(), None);
        }
    }

    #[test]
    fn a_mark_is_reached_exactly_when_its_share_has_elapsed(life in lives(), when in 0i64..30_000) {
        let clock = clock(900, &life);
        let now = at(when);
        for mark in Mark::ALL {
            let share = TimeDelta::seconds(900) * mark.percent() / 100;
            prop_assert_eq!(clock.has_reached(*mark, now), clock.started_at().is_some() && clock.elapsed(now) >= share);
        }
    }

    #[test]
    fn a_late_entry_gives_the_same_clock_as_a_punctual_one(life in lives(), turn in any::<prop::sample::Index>()) {
        let punctual = clock(900, &life);
        // Instants that two events share are told apart by the order of writing, which is kept here.
        prop_assume!(life.windows(2).all(|pair| pair[0].0 != pair[1].0));
        let mut late = life.clone();
        let entry = late.remove(turn.index(life.len()));
        late.push(entry);
        prop_assert_eq!(clock(900, &late), punctual);
    }
}

#[test]
fn arriving_minutes_are_the_networks_and_do_not_count_against_the_target() {
    use ClockEventKind as K;
    let clock = clock(
        1800,
        &[
            (0, K::Receiving),
            (100, K::ReadyToRead),
            (400, K::Claimed),
            (1000, K::FinalSigned),
            (1010, K::Delivered),
        ],
    );
    let owners: Vec<_> = clock
        .spans()
        .iter()
        .map(|span| (span.owner, span.length(at(9999)).num_seconds()))
        .collect();
    assert_eq!(
        owners,
        [
            (ClockOwner::Network, 100),
            (ClockOwner::Queue, 300),
            (ClockOwner::Reader, 600),
            (ClockOwner::Delivery, 10)
        ]
    );
    assert_eq!(clock.elapsed(at(9999)).num_seconds(), 910);
    assert!(clock.has_reached(Mark::Half, at(1000)) && !clock.has_reached(Mark::FourFifths, at(9999)));
    assert_eq!(clock.due_at(), None, "it was delivered in time");
}

#[test]
fn a_mark_is_recorded_once_for_each_target() {
    use ClockEventKind as K;
    let ready = [(0, K::Receiving), (0, K::ReadyToRead)];
    let urgent = clock(7200, &ready);
    assert_eq!(urgent.unrecorded_marks(at(3599)), []);
    assert_eq!(urgent.next_mark_at(at(0)), Some(at(3600)));
    assert_eq!(urgent.unrecorded_marks(at(3600)), [(Mark::Half, at(3600))]);

    let mut events = urgent.events().to_vec();
    events.push(ClockEvent {
        target_seconds: Some(7200),
        ..ClockEvent::new(at(3600), K::Warned50, None)
    });
    assert_eq!(
        SlaClock::new(TimeDelta::hours(2), events.clone()).unrecorded_marks(at(3700)),
        []
    );
    let raised = SlaClock::new(TimeDelta::minutes(30), events);
    assert_eq!(
        raised.unrecorded_marks(at(3700)).len(),
        3,
        "the shorter target has marks of its own"
    );
}

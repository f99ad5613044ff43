from adapters.randomness import SystemRandomness
from application.ports.randomness import Randomness
from tests.support.seeded_randomness import SeededRandomness


def test_system_randomness_gives_as_many_bytes_as_asked_and_never_the_same() -> None:
    randomness: Randomness = SystemRandomness()

    assert [len(randomness.token_bytes(count)) for count in (0, 1, 32)] == [0, 1, 32]
    assert len({randomness.token_bytes(16) for _ in range(100)}) == 100


def test_jitter_stays_between_its_bounds() -> None:
    randomness: Randomness = SystemRandomness()

    drawn = [randomness.uniform(0.5, 1.5) for _ in range(200)]

    assert all(0.5 <= number <= 1.5 for number in drawn)
    assert len(set(drawn)) > 1


def test_a_seed_decides_everything() -> None:
    one: Randomness = SeededRandomness(7)
    same, other = SeededRandomness(7), SeededRandomness(8)

    first = (one.token_bytes(16), one.uniform(0, 1))

    assert (same.token_bytes(16), same.uniform(0, 1)) == first
    assert (other.token_bytes(16), other.uniform(0, 1)) != first

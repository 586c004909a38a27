package io.github.headlock.sample.demo;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class BackgroundChecksTests {

	private static final ParcelSchema BEFORE = new ParcelSchema(7, false, 3);

	private static final Answers ANSWERS = Answers.NONE.plusAnswer(Duration.ofMillis(60));

	private static final ReplicaTimeline POD = ReplicaTimeline.ready("pod-1", "migrated", List.of(), "migrated");

	private static final ReplicaTimeline REFUSED = ReplicaTimeline.refused("next-1", starting(),
			"fill_tariff is running, 40 %");

	private static final ReplicaTimeline ACCEPTED = ReplicaTimeline.ready("next-2", "migrated", List.of(starting()),
			"migrated in 1.0 s");

	private static final BackgroundProgress FINISHED = progress(true, BackgroundRollout.PARCELS);

	@Test
	void aReleaseThatIsRefusedAndThenAcceptedIsAsPromised() {
		assertThat(check(rollout(REFUSED, ACCEPTED, FINISHED), BEFORE, BEFORE.next(), ANSWERS)).hasSize(8)
			.allMatch(Check::kept)
			.extracting(Check::seen)
			.contains("1 of 1", "refused with exit code 11: fill_tariff is running, 40 %",
					"7 migrations, tariff nullable, 3 checks", "migrated in 1.0 s",
					"9 migrations, tariff NOT NULL, 3 checks", "200000 of 200000, finished",
					"1 requests answered, the longest after 0.06 s, 0 failed");
	}

	@Test
	void aReleaseThatIsNotRefusedIsNot() {
		ReplicaTimeline early = ReplicaTimeline.failed("next-1", "it was not refused");
		assertThat(broken(rollout(early, ACCEPTED, FINISHED), BEFORE, BEFORE.next(), ANSWERS))
			.containsExactly("fourth rollout: the next release is refused while the column is being filled");
	}

	@Test
	void aRefusalThatChangesSomethingIsNot() {
		assertThat(broken(rollout(REFUSED, ACCEPTED, FINISHED), new ParcelSchema(8, false, 4), BEFORE.next(), ANSWERS))
			.containsExactly("fourth rollout: the refusal changes nothing");
	}

	@Test
	void aReleaseThatIsRefusedAgainIsNot() {
		ReplicaTimeline again = ReplicaTimeline.failed("next-2", "the process ended with exit code 11");
		assertThat(broken(rollout(REFUSED, again, progress(false, BackgroundRollout.PARCELS)), BEFORE, BEFORE, ANSWERS))
			.containsExactly("fourth rollout: the same release is accepted when the column is filled",
					"fourth rollout: from then on every parcel must have a tariff",
					"fourth rollout: every imported parcel was changed once, and no other");
	}

	@Test
	void aParcelThatIsChangedTwiceIsNot() {
		BackgroundProgress twice = progress(true, BackgroundRollout.PARCELS + 1);
		assertThat(broken(rollout(REFUSED, ACCEPTED, twice), BEFORE, BEFORE.next(), ANSWERS))
			.containsExactly("fourth rollout: every imported parcel was changed once, and no other");
	}

	@Test
	void aRequestThatFailsIsNot() {
		Answers failed = ANSWERS.plusFailure("status 500 instead of 200").plusFailure("another one");
		List<Check> checks = check(rollout(REFUSED, ACCEPTED, FINISHED), BEFORE, BEFORE.next(), failed);
		assertThat(checks).filteredOn((check) -> !check.kept())
			.extracting(Check::seen)
			.containsExactly("1 requests answered, the longest after 0.06 s, 2 failed: status 500 instead of 200");
	}

	@Test
	void noRequestAtAllIsNot() {
		assertThat(broken(rollout(REFUSED, ACCEPTED, FINISHED), BEFORE, BEFORE.next(), Answers.NONE))
			.containsExactly("fourth rollout: every request is answered");
	}

	@Test
	void aLockThatStaysIsNot() {
		RolloutTimeline rollout = new RolloutTimeline("", List.of(POD, REFUSED, ACCEPTED), 1)
			.withBackground(Optional.of(FINISHED));
		assertThat(broken(rollout, BEFORE, BEFORE.next(), ANSWERS))
			.containsExactly("fourth rollout: advisory locks while the pods run");
	}

	@Test
	void withoutABackgroundMigrationNothingIsAsPromised() {
		RolloutTimeline rollout = new RolloutTimeline("", List.of(POD, REFUSED, ACCEPTED), 0);
		assertThat(broken(rollout, BEFORE, BEFORE.next(), ANSWERS))
			.containsExactly("fourth rollout: there is a background migration");
	}

	@Test
	void whereAPodIsNotReadyNothingElseIsAsked() {
		RolloutTimeline pods = new RolloutTimeline("", List.of(POD, ReplicaTimeline.failed("pod-2", "no")), 0);
		assertThat(new BackgroundChecks(BackgroundOutcome.withoutPods(pods)).run())
			.containsExactly(new Check("fourth rollout: every pod is ready", false, "1 of 2"));
	}

	private static List<String> broken(RolloutTimeline rollout, ParcelSchema afterRefusal, ParcelSchema end,
			Answers answers) {
		return check(rollout, afterRefusal, end, answers).stream()
			.filter((check) -> !check.kept())
			.map(Check::promise)
			.toList();
	}

	private static List<Check> check(RolloutTimeline rollout, ParcelSchema afterRefusal, ParcelSchema end,
			Answers answers) {
		return new BackgroundChecks(new BackgroundOutcome(rollout, 1, BEFORE, afterRefusal, end, answers)).run();
	}

	private static RolloutTimeline rollout(ReplicaTimeline early, ReplicaTimeline accepted,
			BackgroundProgress progress) {
		return new RolloutTimeline("", List.of(POD, early, accepted), 0).withBackground(Optional.of(progress));
	}

	private static BackgroundProgress progress(boolean finished, long changed) {
		return new BackgroundProgress("fill_tariff",
				List.of(new BackgroundProgress.Sample(Duration.ZERO, 2, finished, 0, changed, changed)));
	}

	private static Phase starting() {
		return new Phase(Phase.Kind.STARTING, Duration.ZERO, Duration.ofSeconds(5));
	}

}

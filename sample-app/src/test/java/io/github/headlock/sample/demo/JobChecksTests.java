package io.github.headlock.sample.demo;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class JobChecksTests {

	private static final ReplicaTimeline JOB = ReplicaTimeline.ready(
			"job", "migrated", List.of(phase(Phase.Kind.STARTING, 10_000, 12_000),
					phase(Phase.Kind.MIGRATING, 12_000, 15_000), phase(Phase.Kind.FINISHING, 15_000, 16_000)),
			"migrated in 3.0 s, exit code 0");

	@Test
	void podsThatAreHeldUpUntilTheJobIsThroughAreAsPromised() {
		List<Check> checks = check(JOB, pod(Phase.Kind.OUT_OF_SERVICE, 9000, 15_500),
				pod(Phase.Kind.WAITING, 5000, 15_300));
		assertThat(checks).hasSize(5).allMatch(Check::kept);
		assertThat(checks).extracting(Check::seen).contains("after 0.5 s", "after 0.3 s");
	}

	@Test
	void aPodThatWaitsMuchLongerThanTheJobIsNot() {
		assertThat(broken(JOB, pod(Phase.Kind.OUT_OF_SERVICE, 9000, 15_500), pod(Phase.Kind.WAITING, 5000, 35_001)))
			.containsExactly("third rollout: waiting pods go on when the Job is through");
	}

	@Test
	void aPodThatWasNeverOutOfServiceIsNot() {
		assertThat(broken(JOB, pod(Phase.Kind.FAST_PATH, 9000, 15_500), pod(Phase.Kind.WAITING, 5000, 15_300)))
			.containsExactly("third rollout: OUT_OF_SERVICE before the Job, UP after it");
	}

	@Test
	void aPodThatIsReadyBeforeTheJobIsNot() {
		assertThat(broken(JOB, pod(Phase.Kind.OUT_OF_SERVICE, 9000, 9500), pod(Phase.Kind.WAITING, 5000, 15_300)))
			.containsExactly("third rollout: OUT_OF_SERVICE before the Job, UP after it");
	}

	@Test
	void aJobThatFailedIsToldWithTheReason() {
		List<Check> checks = check(ReplicaTimeline.failed("job", "the process ended with exit code 10"),
				ReplicaTimeline.failed("pod-1", "the Job is not done"));
		assertThat(checks).hasSize(2).noneMatch(Check::kept);
		assertThat(checks.get(0).seen()).isEqualTo("FAILED: the process ended with exit code 10");
	}

	private static List<String> broken(ReplicaTimeline... rollout) {
		return check(rollout).stream().filter((check) -> !check.kept()).map(Check::promise).toList();
	}

	private static List<Check> check(ReplicaTimeline... rollout) {
		return new JobChecks(new RolloutTimeline("Rollout 3", Stream.of(rollout).toList(), 0)).run();
	}

	private static ReplicaTimeline pod(Phase.Kind kind, int fromMillis, int toMillis) {
		return ReplicaTimeline.ready("pod", "skipped",
				List.of(phase(Phase.Kind.STARTING, 0, fromMillis), phase(kind, fromMillis, toMillis)), "");
	}

	private static Phase phase(Phase.Kind kind, int fromMillis, int toMillis) {
		return new Phase(kind, Duration.ofMillis(fromMillis), Duration.ofMillis(toMillis));
	}

}

package io.github.headlock.campaign;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.LongStream;

import io.github.headlock.campaign.Invariant.Violation;
import io.github.headlock.testbed.LoggedProcess;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What processes of Jobs say that finish background migrations, and how they end.
 */
class JobVerdictTests {

	private static final String TIMED_OUT = "were not finished within 5.0 s (headlock.background.finish-timeout)";

	private static final String STOPPED = "Background migrations of this release cannot be finished now";

	/** Nothing stops them, and there is no bound. */
	private static final BackgroundPlan FREE = plan(
			(plan) -> plan.extras().finishTimeout() == 0 && !plan.stops() && !plan.hasLaterRelease());

	private static final BackgroundPlan BOUND = plan((plan) -> plan.extras().finishTimeout() > 0 && plan.stops());

	@TempDir
	private Path folder;

	private static BackgroundPlan plan(Predicate<BackgroundPlan> which) {
		return LongStream.range(0, 10_000).mapToObj(BackgroundPlan::of).filter(which).findFirst().orElseThrow();
	}

	@ParameterizedTest
	@CsvSource({ "The background migrations of this release are finished, 0",
			"The schema is ahead: it leaves its background migrations to the later one, 0", TIMED_OUT + ", 15",
			STOPPED + ", 15", "Finishing the background migrations of this release, 137", "nothing, 143",
			"APPLICATION FAILED TO START, 14" })
	void whatIsAllowedIsNoViolation(String text, int code) throws Exception {
		assertThat(judge(text, code, BOUND)).isEmpty();
	}

	@ParameterizedTest
	@CsvSource({ "nothing, 0, JOB", "nothing, 15, JOB", TIMED_OUT + ", 15, JOB", STOPPED + ", 15, JOB",
			"Finishing the background migrations of this release: APPLICATION FAILED TO START, 1, JOB",
			"requires the background migration, 11, EXPLAINED", "nothing, 1, EXPLAINED",
			"Exception in thread headlock-background, 143, EXPLAINED" })
	void everythingElseIsOne(String text, int code, Invariant invariant) throws Exception {
		assertThat(judge(text, code, FREE)).extracting(Violation::invariant).containsExactly(invariant);
	}

	private List<Violation> judge(String text, int code, BackgroundPlan plan) throws IOException, InterruptedException {
		LoggedProcess process = LoggedProcess.start(
				new ProcessBuilder("sh", "-c", "echo \"$0\"; exit $1", text, String.valueOf(code)),
				this.folder.resolve("job.log"));
		assertThat(process.endsWithin(Duration.ofMinutes(1))).isTrue();
		return JobVerdict.of(new ReplicaProcess("job", process), plan);
	}

}

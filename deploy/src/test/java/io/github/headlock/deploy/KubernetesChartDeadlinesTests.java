package io.github.headlock.deploy;

import java.time.Duration;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * That the deadlines fit each other, whatever is given.
 */
class KubernetesChartDeadlinesTests {

	@ParameterizedTest
	@CsvSource({ "1, 1, 1", "600, 120, 30", "601, 7, 45", "86400, 900, 120" })
	void deadlinesFitEachOther(int longest, int start, int shutdown) {
		Duration migrations = Duration.ofSeconds(longest);
		String application = "application: {startSeconds: %d, shutdownSeconds: %d}\n".formatted(start, shutdown);
		Expectations.podsMigrate(Chart.render(migrations("pods", longest), application), migrations);
		Expectations.jobMigrates(jobDeadlines(longest, application), migrations);
		Expectations.initContainerMigrates(Chart.render(migrations("initContainer", longest), application), migrations);
	}

	@ParameterizedTest
	@ValueSource(strings = { "pods", "job", "initContainer" })
	void theLockTimeoutIsHeadlocksOwnByDefault(String runIn) {
		Manifests manifests = Chart.migratingIn(runIn);
		assertThat(
				ApplicationView.of(runIn.equals("pods") ? manifests.application() : manifests.migrator()).lockTimeout())
			.isEqualTo(Duration.ofMinutes(15));
	}

	@ParameterizedTest
	@ValueSource(ints = { 600, 599, 1 })
	void aLockTimeoutShorterThanTheMigrationsIsRefused(int lockTimeout) {
		assertThat(Chart.refusalOf(Chart.DATABASE, "migrations: {lockTimeoutSeconds: %d}\n".formatted(lockTimeout)))
			.contains("migrations.lockTimeoutSeconds (%d) must be more than migrations.longestSeconds (600)"
				.formatted(lockTimeout));
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 1619 })
	void aJobDeadlineShorterThanOneAttemptIsRefused(int deadline) {
		assertThat(Chart.refusalOf(Chart.DATABASE,
				"migrations: {runIn: job, job: {activeDeadlineSeconds: %d}}\n".formatted(deadline)))
			.contains("migrations.job.activeDeadlineSeconds (%d) must be at least 1620".formatted(deadline));
	}

	@ParameterizedTest
	@ValueSource(ints = { 1620, 7200 })
	void everythingFollowsAJobDeadlineOfOnesOwn(int deadline) {
		Manifests manifests = Chart
			.render("migrations: {runIn: job, job: {activeDeadlineSeconds: %d}}\n".formatted(deadline));
		assertThat(Expectations.jobDeadline(manifests)).hasSeconds(deadline);
		Expectations.jobMigrates(manifests, Duration.ofMinutes(10));
	}

	private static Manifests jobDeadlines(int longest, String application) {
		return Chart.render(migrations("job", longest), application);
	}

	private static String migrations(String runIn, int longest) {
		return "migrations: {runIn: %s, longestSeconds: %d}\n".formatted(runIn, longest);
	}

}

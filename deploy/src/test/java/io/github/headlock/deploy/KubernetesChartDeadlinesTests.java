package io.github.headlock.deploy;

import java.time.Duration;

import org.junit.jupiter.api.Test;
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

	@ParameterizedTest
	@ValueSource(ints = { 1, 3600, 604800 })
	void aJobThatFinishesBackgroundMigrationsHasTheTimeForItAndNobodyWaitsForIt(int finish) {
		Manifests manifests = finishing(finish, "");
		Expectations.jobMigrates(manifests, Duration.ofMinutes(10));
		assertThat(ApplicationView.of(manifests.migrator()).finishesWithin()).hasSeconds(finish);
		assertThat(Expectations.jobDeadline(manifests)).hasSeconds(2340 + 2L * finish);
		Manifests without = Chart.migratingIn("job");
		assertThat(ApplicationView.of(manifests.application()).schemaWaitTimeout())
			.isEqualTo(ApplicationView.of(without.application()).schemaWaitTimeout());
		assertThat(Expectations.progressDeadline(manifests)).isEqualTo(Expectations.progressDeadline(without));
		assertThat(Expectations.startupWindow(manifests)).isEqualTo(Expectations.startupWindow(without));
	}

	@Test
	void aJobDeadlineOfOnesOwnIncludesBackgroundMigrations() {
		Manifests manifests = finishing(3600, ", activeDeadlineSeconds: 5220");
		Expectations.jobMigrates(manifests, Duration.ofMinutes(10));
		assertThat(Expectations.jobDeadline(manifests)).hasSeconds(5220);
		assertThat(Chart.refusalOf(Chart.DATABASE,
				"migrations: {runIn: job, job: {finishBackgroundSeconds: 3600, activeDeadlineSeconds: 5219}}\n"))
			.contains("migrations.job.activeDeadlineSeconds (5219) must be at least 5220",
					", and of migrations.job.finishBackgroundSeconds (3600): ");
	}

	@ParameterizedTest
	@CsvSource({ "pods, while they serve", "initContainer, HEADLOCK_BACKGROUND_RUN=always" })
	void onlyAJobFinishesBackgroundMigrations(String runIn, String instead) {
		assertThat(Chart.refusalOf(Chart.DATABASE,
				"migrations: {runIn: %s, job: {finishBackgroundSeconds: 60}}\n".formatted(runIn)))
			.contains("migrations.job.finishBackgroundSeconds (60) needs migrations.runIn \"job\"", instead);
	}

	private static Manifests finishing(int seconds, String others) {
		return Chart
			.render("migrations: {runIn: job, job: {finishBackgroundSeconds: %d%s}}\n".formatted(seconds, others));
	}

	private static Manifests jobDeadlines(int longest, String application) {
		return Chart.render(migrations("job", longest), application);
	}

	private static String migrations(String runIn, int longest) {
		return "migrations: {runIn: %s, longestSeconds: %d}\n".formatted(runIn, longest);
	}

}

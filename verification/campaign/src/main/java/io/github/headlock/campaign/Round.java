package io.github.headlock.campaign;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;

import io.github.headlock.campaign.Invariant.Violation;
import io.github.headlock.campaign.replica.ReplicaApplication;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;

/**
 * One round: a release is rolled out, faults strike, and what is left is inspected. All
 * that is left to chance comes from the seed, except what the machine adds to it.
 */
final class Round {

	/** For the server to notice that a killed client is gone. */
	private static final Duration LEAVING = Duration.ofSeconds(20);

	private static final String LATER_CURE = "DELETE FROM \"public\".\"flyway_schema_history\" WHERE NOT success "
			+ String.format(Locale.ROOT, "AND version = '%d';", Scenario.LATER);

	private final TestBench lab;

	private final long seed;

	private final boolean plain;

	private final Duration patience;

	private final Path folder;

	private final Scenario scenario;

	private final Schedule schedule;

	private final SplittableRandom random;

	private final Timeline timeline = new Timeline();

	private final List<Violation> violations = new ArrayList<>();

	private final List<Rollout> rollouts = new ArrayList<>();

	private @Nullable Faults faults;

	/**
	 * Draws a round.
	 * @param lab where
	 * @param seed decides what happens
	 * @param plain whether all replicas are without Headlock
	 * @param patience how long after the last fault replicas may take to be ready
	 */
	Round(TestBench lab, long seed, boolean plain, Duration patience) {
		this.lab = lab;
		this.seed = seed;
		this.plain = plain;
		this.patience = patience;
		this.folder = lab.folder().resolve((plain ? "plain-" : "round-") + seed);
		RoundPlan draw = RoundPlan.of(seed);
		this.random = draw.random();
		this.scenario = plain ? draw.scenario().forPlainFlyway() : draw.scenario();
		this.schedule = draw.schedule();
	}

	/**
	 * Runs it. A round that cannot be brought to its end says so, and fails in no case.
	 */
	RoundResult run() {
		Throwable failure = null;
		try {
			play();
			judge();
		}
		catch (Throwable ex) {
			failure = ex;
			this.timeline.note("NOT BROUGHT TO ITS END: %s", ex);
		}
		return result(failure);
	}

	private void play() throws IOException, SQLException {
		Files.createDirectories(this.folder);
		String name = String.format(Locale.ROOT, "round_%d%s", this.seed, this.plain ? "_plain" : "");
		try (RoundEnvironment stage = RoundEnvironment.set(this.lab.server(), this.scenario, this.schedule, name,
				this.timeline)) {
			try {
				play(stage);
			}
			finally {
				// before the stage is taken from under them
				this.rollouts.forEach(Rollout::close);
			}
		}
	}

	private void play(RoundEnvironment stage) throws SQLException {
		this.faults = new Faults(stage, this.scenario, this.plain);
		Set<String> effects = new TreeSet<>();
		Release previous = Release.previous(this.folder.resolve("previous"));
		if (this.scenario.fromPrevious()) {
			install(previous, stage.database());
			effects.addAll(previous.effects());
		}
		boolean failsFirst = this.scenario.failing() > 0;
		if (failsFirst) {
			Release failing = Release.next(this.folder.resolve("failing"), this.scenario, true);
			rollOut(failing, previous, stage, this.faults, this.schedule.atFailingRelease());
		}
		Release next = Release.next(this.folder.resolve("next"), this.scenario, false);
		effects.addAll(next.effects());
		rollOut(next, previous, stage, this.faults, !failsFirst || !this.schedule.atFailingRelease());
		if (this.scenario.later() && this.violations.isEmpty()) {
			failLater(next, stage);
		}
		inspect(stage, effects, next);
	}

	private void install(Release release, RoundDatabase database) {
		Flyway.configure()
			.dataSource(database.url(), database.migrator(), "")
			.locations(release.locations().toArray(String[]::new))
			.load()
			.migrate();
	}

	private void rollOut(Release release, Release previous, RoundEnvironment stage, Faults faults, boolean strike)
			throws SQLException {
		boolean fails = this.scenario.failing() > 0 && this.rollouts.isEmpty();
		this.timeline.note("%s is rolled out", fails ? "a release with a failing migration" : "the release");
		if (strike) {
			faults.prepare(this.schedule.faults());
		}
		Rollout rollout = new Rollout(replicas(release, previous, stage));
		this.rollouts.add(rollout);
		if (strike) {
			faults.strike(this.schedule.faults(), rollout);
			// a replica of a release that fails is never ready, whatever holds it
			this.violations.addAll(fails ? List.of() : faults.violations());
			this.timeline.note("the faults are over");
		}
		stage.clear();
		if (!fails) {
			awaitReady(rollout);
			return;
		}
		if (!Wait.until(this.patience, () -> rollout.find((one) -> one.hasLogged("division by zero")).isPresent())) {
			this.violations.add(new Violation(Invariant.READY, "nobody gets to the migration that fails"));
		}
		Inspection.afterFailure(stage.database(), this.patience)
			.forEach((found) -> this.violations
				.add(new Violation(found.invariant(), "after the release that fails: " + found.seen())));
		rollout.close();
	}

	/** With Headlock, the cure is the statement that the later release's replica logs. */
	private void failLater(Release release, RoundEnvironment stage) throws SQLException {
		this.timeline.note("a later release fails without a transaction");
		Release later = Release.later(this.folder.resolve("later"), this.scenario);
		Rollout failing = new Rollout(List.of(replica("later", later, stage, !this.plain, false)));
		this.rollouts.add(failing);
		// Flyway alone, with its transactional lock, takes the failed row back
		String refusal = this.plain ? "division by zero" : LATER_CURE;
		if (!Wait.until(this.patience, () -> failing.find((one) -> one.hasLogged(refusal)).isPresent())) {
			this.violations.add(new Violation(Invariant.EXPLAINED, "no replica logs: " + refusal));
		}
		failing.close();
		Rollout older = new Rollout(List.of(replica("older", release, stage, !this.plain, false)));
		this.rollouts.add(older);
		awaitReady(older);
		stage.database().execute(LATER_CURE);
	}

	private void awaitReady(Rollout rollout) {
		if (!Wait.until(this.patience, rollout::isReady)) {
			rollout.replicas()
				.stream()
				.filter((replica) -> !replica.isReady())
				.forEach((replica) -> this.violations.add(new Violation(Invariant.READY, String.format(Locale.ROOT,
						"%s is not ready after %d s", replica.name(), this.patience.toSeconds()))));
		}
	}

	private List<Replica> replicas(Release release, Release previous, RoundEnvironment stage) {
		List<Replica> replicas = new ArrayList<>();
		for (int i = 0; i < this.scenario.replicas(); i++) {
			replicas.add(replica("replica-" + i, release, stage, !this.plain, false));
		}
		if (this.scenario.plainFlyway()) {
			replicas.add(replica("plain", release, stage, false, false));
		}
		if (this.scenario.previousReplica()) {
			replicas.add(replica("previous", previous, stage, !this.plain, true));
		}
		return replicas;
	}

	private Replica replica(String name, Release release, RoundEnvironment stage, boolean headlock, boolean previous) {
		RoundDatabase database = stage.database();
		String url = stage.url() + (headlock ? "" : "?ApplicationName=" + name);
		if (this.scenario.isPooled() && !headlock) {
			url += "&prepareThreshold=0";
		}
		List<String> arguments = new ArrayList<>(List.of("--spring.datasource.url=" + url,
				"--spring.datasource.username=" + database.application(), "--spring.flyway.url=" + url,
				"--spring.flyway.user=" + database.migrator(), "--spring.flyway.password=",
				"--spring.flyway.locations=" + String.join(",", release.locations()),
				"--" + ReplicaApplication.NEEDS + "=" + String.join(",", release.effects()),
				"--" + ReplicaApplication.URL + "=" + database.url() + "?ApplicationName=check"));
		if (!headlock || previous) {
			// Flyway alone lets nobody in, and another release may be migrating
			arguments.add("--" + ReplicaApplication.KEPT_OUT + "=true");
		}
		if (!headlock) {
			arguments.add("--headlock.enabled=false");
			arguments.add("--spring.flyway.postgresql.transactional-lock=" + !this.scenario.concurrently());
		}
		else {
			arguments.add("--headlock.lock.poll-interval=100ms");
			if (this.scenario.queue()) {
				arguments.addAll(List.of("--headlock.ddl.lock-timeout=300ms", "--headlock.ddl.max-attempts=100"));
			}
			if (this.scenario.blocking() != Blocking.NONE) {
				arguments.add("--headlock.sessions.roles=" + database.application());
				arguments.addAll(this.scenario.blocking().arguments());
			}
		}
		return new Replica(name, headlock, arguments, this.lab.command(), logs(), this.timeline,
				Duration.ofMillis(this.random.nextInt(previous ? 2500 : 500)));
	}

	private void inspect(RoundEnvironment stage, Set<String> effects, Release release) throws SQLException {
		stage.traffic().close();
		this.timeline.note("what is left is inspected");
		this.violations
			.addAll(Inspection.of(stage.database(), effects, release, this.scenario.concurrently(), LEAVING));
		stage.damage().forEach((damage) -> this.violations.add(new Violation(Invariant.OTHERS, damage)));
		this.timeline.note("history: %s", Inspection.history(stage.database()));
	}

	/** A release that fails and the one that cures it have replicas of the same names. */
	private Path logs() {
		Path logs = this.folder
			.resolve((this.rollouts.isEmpty() && this.scenario.failing() > 0) ? "failing-logs" : "logs");
		try {
			return Files.createDirectories(logs);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** After the end of all processes. */
	private void judge() {
		for (Rollout rollout : this.rollouts) {
			for (Replica replica : rollout.replicas()) {
				replica.processes()
					.forEach((process) -> this.violations
						.addAll(ProcessVerdict.of(process, replica.hasHeadlock(), this.scenario.blocking())));
			}
		}
	}

	private RoundResult result(@Nullable Throwable failure) {
		List<ReplicaProcess> processes = Rollout.processes(this.rollouts.stream());
		boolean good = this.violations.isEmpty() && failure == null;
		String story = this.timeline.tell(processes);
		try {
			Files.writeString(this.folder.resolve("story.txt"), story);
		}
		catch (IOException ex) {
			this.timeline.note("the story cannot be kept: %s", ex);
		}
		Map<FaultKind, Integer> struck = (this.faults != null) ? this.faults.struck() : Map.of();
		Map<MissReason, Integer> missed = (this.faults != null) ? this.faults.missed() : Map.of();
		return new RoundResult(this.seed, this.scenario, this.schedule, struck, missed, processes.size(),
				List.copyOf(this.violations), this.timeline.elapsed(), good ? "" : story, failure);
	}

	@Override
	public String toString() {
		return String.format(Locale.ROOT, "%s | %s", this.scenario, this.schedule);
	}

}

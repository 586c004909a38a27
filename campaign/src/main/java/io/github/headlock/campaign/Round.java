package io.github.headlock.campaign;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;

import io.github.headlock.campaign.Invariant.Violation;
import org.flywaydb.core.Flyway;

/**
 * One round: a release is rolled out, faults strike, and what is left is inspected. All
 * that is left to chance comes from the seed, except what the machine adds to it.
 */
final class Round {

	private final Lab lab;

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

	/**
	 * Draws a round.
	 * @param lab where
	 * @param seed decides what happens
	 * @param plain whether all replicas are without Headlock
	 * @param patience how long after the last fault replicas may take to be ready
	 */
	Round(Lab lab, long seed, boolean plain, Duration patience) {
		this.lab = lab;
		this.seed = seed;
		this.plain = plain;
		this.patience = patience;
		this.folder = lab.folder().resolve((plain ? "plain-" : "round-") + seed);
		Draw draw = Draw.of(seed);
		this.random = draw.random();
		this.scenario = plain ? draw.scenario().forPlainFlyway() : draw.scenario();
		this.schedule = draw.schedule();
	}

	RoundResult run() throws IOException, SQLException {
		Files.createDirectories(this.folder);
		String name = "round_%d%s".formatted(this.seed, this.plain ? "_plain" : "");
		try (Stage stage = Stage.set(this.lab.server(), this.scenario, this.schedule, name, this.timeline)) {
			Faults faults = new Faults(stage, this.scenario, this.plain);
			Set<String> effects = new TreeSet<>();
			Release previous = Release.previous(this.folder.resolve("previous"));
			if (this.scenario.fromPrevious()) {
				install(previous, stage.database());
				effects.addAll(previous.effects());
			}
			boolean failsFirst = this.scenario.failing() > 0;
			if (failsFirst) {
				Release failing = Release.next(this.folder.resolve("failing"), this.scenario, true);
				rollOut(failing, previous, stage, faults, this.schedule.atFailingRelease());
			}
			Release next = Release.next(this.folder.resolve("next"), this.scenario, false);
			effects.addAll(next.effects());
			rollOut(next, previous, stage, faults, !failsFirst || !this.schedule.atFailingRelease());
			return inspect(stage, faults, effects, next);
		}
	}

	private void install(Release release, RoundDatabase database) {
		Flyway.configure()
			.dataSource(database.url(), database.migrator(), "")
			.locations(release.locations().toArray(String[]::new))
			.load()
			.migrate();
	}

	private void rollOut(Release release, Release previous, Stage stage, Faults faults, boolean strike)
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
		rollout.close();
	}

	private void awaitReady(Rollout rollout) {
		if (!Wait.until(this.patience, rollout::isReady)) {
			rollout.replicas()
				.stream()
				.filter((replica) -> !replica.isReady())
				.forEach((replica) -> this.violations.add(new Violation(Invariant.READY,
						"%s is not ready after %d s".formatted(replica.name(), this.patience.toSeconds()))));
		}
	}

	private List<Replica> replicas(Release release, Release previous, Stage stage) {
		List<Replica> replicas = new ArrayList<>();
		for (int i = 0; i < this.scenario.replicas(); i++) {
			replicas.add(replica("replica-" + i, release, stage, !this.plain, 500));
		}
		if (this.scenario.plainFlyway()) {
			replicas.add(replica("plain", release, stage, false, 500));
		}
		if (this.scenario.previousReplica()) {
			replicas.add(replica("previous", previous, stage, !this.plain, 2500));
		}
		return replicas;
	}

	private Replica replica(String name, Release release, Stage stage, boolean headlock, int latest) {
		RoundDatabase database = stage.database();
		String url = stage.url() + (headlock ? "" : "?ApplicationName=" + name);
		if (this.scenario.isPooled() && !headlock) {
			url += "&prepareThreshold=0";
		}
		List<String> arguments = new ArrayList<>(List.of("--spring.datasource.url=" + url,
				"--spring.datasource.username=" + database.application(), "--spring.flyway.url=" + url,
				"--spring.flyway.user=" + database.migrator(), "--spring.flyway.password=",
				"--spring.flyway.locations=" + String.join(",", release.locations())));
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
		return new Replica(name, headlock, arguments, this.lab.command(), this.folder, this.timeline,
				Duration.ofMillis(this.random.nextInt(latest)));
	}

	private RoundResult inspect(Stage stage, Faults faults, Set<String> effects, Release release) throws SQLException {
		stage.traffic().close();
		this.timeline.note("what is left is inspected");
		this.violations.addAll(Inspection.of(stage.database(), effects, release, this.scenario.concurrently()));
		stage.damage().forEach((damage) -> this.violations.add(new Violation(Invariant.OTHERS, damage)));
		List<String> history = stage.database()
			.list("SELECT format('%s %s %s at %s', installed_rank, coalesce(version, description), success, "
					+ "installed_on) FROM flyway_schema_history ORDER BY 1");
		this.timeline.note("history: %s", history);
		this.rollouts.forEach(Rollout::close);
		List<ReplicaProcess> processes = Rollout.processes(this.rollouts.stream());
		return new RoundResult(this.seed, this.scenario, this.schedule, faults.struck(), faults.missed(),
				processes.size(), List.copyOf(this.violations), this.timeline.elapsed(),
				this.violations.isEmpty() ? "" : this.timeline.tell(processes));
	}

	/** For a round that cannot be brought to its end: no process stays. */
	String abandon() {
		this.rollouts.forEach(Rollout::close);
		return this.timeline.tell(Rollout.processes(this.rollouts.stream()));
	}

	@Override
	public String toString() {
		return "%s | %s".formatted(this.scenario, this.schedule);
	}

}

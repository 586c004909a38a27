package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

import io.github.headlock.SchemaState;
import io.github.headlock.SchemaStatus;
import io.github.headlock.background.UnfinishedMigrations.Unfinished;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.jdbc.MigrationConnections;
import io.github.headlock.jdbc.RootCause;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has a start finish the background migrations of its release once the schema is at head,
 * or says in the log that this process does not work on them.
 */
public final class BackgroundCompletion {

	private static final Logger logger = LoggerFactory.getLogger(BackgroundCompletion.class);

	/** Longer than any pause between passes. */
	private static final Duration ABANDONED = Duration.ofMinutes(15);

	private final BackgroundMigrations migrations;

	private final CompletionSettings settings;

	private final MigrationConnections connections;

	private final String role;

	private final @Nullable BackgroundRunner runner;

	private final UnfinishedMigrations unfinished;

	/**
	 * Prepares it, and reads nothing yet.
	 * @param migrations the migrations of this release
	 * @param settings what the team decided
	 * @param connections connections of the role that works on them
	 * @param role name of that role, as it stands in SQL
	 * @param history the history table
	 * @param runner works on them, not started; {@code null} if this start does not
	 */
	public BackgroundCompletion(BackgroundMigrations migrations, CompletionSettings settings,
			MigrationConnections connections, String role, HistoryTable history, @Nullable BackgroundRunner runner) {
		this.migrations = migrations;
		this.settings = settings;
		this.connections = connections;
		this.role = role;
		this.runner = runner;
		this.unfinished = new UnfinishedMigrations(migrations, history);
	}

	/**
	 * Does it. The migration lock must not be held.
	 * @param status the schema at the last look
	 * @throws BackgroundUnfinishedException if they were to be finished and cannot be, in
	 * the given time or at all
	 * @throws io.github.headlock.waiting.StartInterruptedException if this thread is
	 * interrupted or the JVM is told to end
	 */
	public void run(SchemaStatus status) {
		if (this.migrations.isEmpty()) {
			return;
		}
		if (this.settings.finish() && this.runner != null) {
			finish(status, this.runner);
		}
		else if (this.settings.skips()) {
			explainSkipping();
		}
		else if (this.settings.exits() && status.state() == SchemaState.AT_HEAD) {
			warnIfNobodyWorks();
		}
	}

	private void finish(SchemaStatus status, BackgroundRunner runner) {
		if (status.state() == SchemaState.AHEAD) {
			logger.info(
					"The schema is ahead of this release, which therefore leaves its background migrations to the later "
							+ "one");
		}
		else if (!status.state().isReady()) {
			logger
				.warn("The background migrations of this release are not finished by this start, because the schema is "
						+ "{}: {}", status.state(), status.reason());
		}
		else {
			String skip = this.migrations.settings().skip();
			if (skip != null && this.migrations.find(skip).isPresent()) {
				logger.warn("Background migration \"{}\": this start does not wait until it is finished, because "
						+ "headlock.background.skip names it", skip);
			}
			Finishing finishing = new Finishing(runner, this.unfinished, this.connections, this.role,
					this.settings.timeout());
			this.migrations.settings().throttle().beans().duringStart(finishing::run);
		}
	}

	private void explainSkipping() {
		if (!this.settings.exits() && !this.migrations.runsIn(true)) {
			logger.info(
					"This process skips migrations and does not work on the background migrations that its release "
							+ "declares: {}. Another process has to, or this one with headlock.background.run=always",
					names());
		}
	}

	private void warnIfNobodyWorks() {
		List<Unfinished> unfinished;
		try (Connection connection = this.connections.open()) {
			unfinished = this.unfinished.read(connection);
		}
		catch (SQLException | RuntimeException ex) {
			logger.warn("Whether background migrations are worked on cannot be read: {}", RootCause.describe(ex));
			return;
		}
		List<Unfinished> abandoned = unfinished.stream().filter(BackgroundCompletion::isAbandoned).toList();
		if (!abandoned.isEmpty()) {
			logger.warn(
					"This process ends, and nobody works on background migrations of its release yet: {}. Processes that "
							+ "serve do if they may migrate or have headlock.background.run=always; else set "
							+ "headlock.background.finish=true here",
					UnfinishedMigrations.join(abandoned));
		}
	}

	private static boolean isAbandoned(Unfinished unfinished) {
		Progress progress = unfinished.progress();
		return progress == null || progress.rowsSeen() == 0 || progress.sinceUpdate() == null
				|| progress.sinceUpdate().compareTo(ABANDONED) > 0;
	}

	private String names() {
		return this.migrations.definitions().stream().map(BackgroundDefinition::name).collect(Collectors.joining(", "));
	}

}

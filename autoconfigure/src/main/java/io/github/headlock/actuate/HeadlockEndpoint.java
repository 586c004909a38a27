package io.github.headlock.actuate;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

import io.github.headlock.MigrationReport;
import io.github.headlock.SchemaStatus;
import io.github.headlock.background.BackgroundStatus;
import io.github.headlock.lock.LockHolder;
import io.github.headlock.startup.HeadlockMigrationStrategy;
import io.github.headlock.startup.ManagedSchema;
import io.github.headlock.upgrade.UpgradePath;
import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;

/**
 * Shows what Headlock knows: how the start of this process went, and where the schema,
 * the lock, the application's roles and background migrations stand now. Read-only; no
 * credentials, no query text.
 */
@Endpoint(id = "headlock")
public class HeadlockEndpoint {

	private final HeadlockMigrationStrategy strategy;

	private final BoundedSchemaProbe probe;

	/**
	 * Creates the endpoint.
	 * @param strategy knows the schema
	 * @param probe looks at it
	 */
	public HeadlockEndpoint(HeadlockMigrationStrategy strategy, BoundedSchemaProbe probe) {
		this.strategy = strategy;
		this.probe = probe;
	}

	/**
	 * Looks now, within two seconds. A data source that is bound to the calling thread,
	 * and takes no notice of an interrupt, may make it longer.
	 * @return what Headlock knows, {@code null} (not found) if it manages no schema
	 * @throws InterruptedException if this thread is interrupted
	 */
	@ReadOperation
	public @Nullable Description describe() throws InterruptedException {
		Optional<ManagedSchema> managed = this.strategy.managed();
		return managed.isPresent() ? describe(managed.get()) : null;
	}

	private Description describe(ManagedSchema schema) throws InterruptedException {
		SchemaSnapshot sight = this.probe.inspect(schema);
		return new Description(schema.report().schema(), Schema.of(sight.status()), Start.of(schema.report()),
				new Lock(schema.table().lockKey(), Holder.of(sight.holder())), sight.blockedRoles(),
				Guards.of(schema.upgradePath()), Background.of(sight.background()), sight.problem());
	}

	/**
	 * What Headlock knows.
	 *
	 * @param schema name of the schema that holds the history
	 * @param status where it stands now
	 * @param start how the start of this process went
	 * @param lock the migration lock
	 * @param blockedRoles names of the roles that a migration keeps out now
	 * @param guards the guards in force
	 * @param background the background migrations that this release declares, in the
	 * order in which they are worked on, then others that the database knows
	 * @param problem what could not be read, and why; that it was read from a standby,
	 * which does not show the lock of its primary; {@code null} if everything was read
	 */
	public record Description(String schema, Schema status, Start start, Lock lock, List<String> blockedRoles,
			Guards guards, List<Background> background, @Nullable String problem) {
	}

	/**
	 * Where the schema stands.
	 *
	 * @param state its state, one of those of health
	 * @param currentVersion highest version it has, {@code null} if unknown
	 * @param headVersion highest version of this release, {@code null} if unknown
	 * @param pending number of migrations of this release it lacks
	 * @param reason why it is not at head, or what has changed since, {@code null} if
	 * there is nothing to say
	 */
	public record Schema(String state, @Nullable String currentVersion, @Nullable String headVersion, int pending,
			@Nullable String reason) {

		static Schema of(SchemaStatus status) {
			return new Schema(status.state().name(), status.currentVersion(), status.headVersion(), status.pending(),
					status.reason());
		}

	}

	/**
	 * How the start went.
	 *
	 * @param outcome how it ended, one of the outcomes of health
	 * @param migrations number of migrations that were applied
	 * @param terminatedSessions number of sessions that were terminated
	 * @param waited wait for the lock or another process
	 * @param held time that the lock was held
	 * @param took time of the whole step
	 */
	public record Start(String outcome, int migrations, int terminatedSessions, Duration waited, Duration held,
			Duration took) {

		static Start of(MigrationReport report) {
			return new Start(report.outcome().id(), report.migrations(), report.terminatedSessions(), report.waited(),
					report.held(), report.took());
		}

	}

	/**
	 * The migration lock.
	 *
	 * @param key key of the advisory lock
	 * @param holder who holds it now, {@code null} if nobody does
	 */
	public record Lock(long key, @Nullable Holder holder) {
	}

	/**
	 * Who holds the lock, as far as PostgreSQL shows it.
	 *
	 * @param pid process id of the server process
	 * @param role name of the role that opened the session, {@code null} if it ended
	 * meanwhile
	 * @param applicationName application name, which the session chose itself,
	 * {@code null} if it has none
	 * @param host address of the client, {@code null} if hidden
	 * @param since when its transaction began, {@code null} if hidden
	 * @param preparedTransaction identifier of the prepared transaction, {@code null} if
	 * it is a session
	 */
	public record Holder(int pid, @Nullable String role, @Nullable String applicationName, @Nullable String host,
			@Nullable Instant since, @Nullable String preparedTransaction) {

		static @Nullable Holder of(@Nullable LockHolder holder) {
			return (holder != null) ? new Holder(holder.pid(), holder.role(), holder.applicationName(), holder.host(),
					holder.since(), holder.preparedTransaction()) : null;
		}

	}

	/**
	 * The guards in force.
	 *
	 * @param minimumSchemaVersion oldest schema that is upgraded, {@code null} for any
	 * @param requiredStops releases that no upgrade may skip
	 * @param skipRequiredStop the one stop that upgrades may skip, {@code null} for none
	 */
	public record Guards(@Nullable String minimumSchemaVersion, List<Stop> requiredStops,
			@Nullable String skipRequiredStop) {

		static Guards of(UpgradePath path) {
			return new Guards(text(path.minimum()),
					path.stops()
						.stream()
						.map((stop) -> new Stop(stop.schemaVersion().toString(), stop.release(), stop.reason()))
						.toList(),
					text(path.skippedStop()));
		}

		private static @Nullable String text(@Nullable MigrationVersion version) {
			return (version != null) ? version.toString() : null;
		}

	}

	/**
	 * A required stop.
	 *
	 * @param schemaVersion highest schema version that the release contains
	 * @param release name of the release
	 * @param reason why the release must not be skipped, {@code null} if nobody said
	 */
	public record Stop(String schemaVersion, String release, @Nullable String reason) {
	}

	/**
	 * A background migration.
	 *
	 * @param name its name
	 * @param state its state; {@code unregistered} if no process has begun with it,
	 * {@code unknown} if it cannot be read
	 * @param since schema version that it needs
	 * @param declared whether this release declares it
	 * @param pass number of the pass over the table, from 1, {@code null} if it is not
	 * registered
	 * @param percent share of the pass that is done, {@code null} if unknown
	 * @param rowsSeen rows that were gone along, in all passes, {@code null} if it is not
	 * registered
	 * @param rowsChanged rows that were changed, in all passes, {@code null} if it is not
	 * registered
	 * @param rowsEstimated number of rows of the table, as the server estimates it,
	 * {@code null} if unknown
	 * @param rowsPerSecond rows that are gone along in a second, pauses included,
	 * {@code null} before half a second of work
	 * @param timeLeft time that the pass still takes, {@code null} if unknown, or if
	 * nobody works on it
	 * @param fullSpeed whether it is worked on without pauses until it is finished
	 * @param heldBecause what holds it for now, {@code null} if nothing does
	 * @param failedRows number of rows that are left out because they have failed
	 * @param lastError why it, or a batch of it, failed last, {@code null} if none did
	 * @param updatedBy who has changed its progress last, {@code null} if unknown
	 * @param updatedAt when that was, {@code null} if unknown
	 * @param finishedAt when it was finished, {@code null} if it is not
	 */
	public record Background(String name, String state, @Nullable String since, boolean declared,
			@Nullable Integer pass, @Nullable Integer percent, @Nullable Long rowsSeen, @Nullable Long rowsChanged,
			@Nullable Long rowsEstimated, @Nullable Long rowsPerSecond, @Nullable Duration timeLeft, boolean fullSpeed,
			@Nullable String heldBecause, int failedRows, @Nullable String lastError, @Nullable String updatedBy,
			@Nullable Instant updatedAt, @Nullable Instant finishedAt) {

		static List<Background> of(List<BackgroundStatus> migrations) {
			return migrations.stream().map(Background::of).toList();
		}

		static Background of(BackgroundStatus status) {
			return new Background(status.name(), status.state(), status.since(), status.declared(), status.pass(),
					status.percent(), status.rowsSeen(), status.rowsChanged(), status.rowsEstimated(),
					status.rowsPerSecond(), status.timeLeft(), status.fullSpeed(), status.heldBecause(),
					status.failedRows(), status.lastError(), status.updatedBy(), status.updatedAt(),
					status.finishedAt());
		}

	}

}

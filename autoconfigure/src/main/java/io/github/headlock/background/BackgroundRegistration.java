package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Registers the background migrations of a release, so that the database knows them when
 * the release is gone.
 */
final class BackgroundRegistration {

	private static final Logger logger = LoggerFactory.getLogger(BackgroundRegistration.class);

	/** After which another text of a migration counts as abandoned. */
	private static final Duration ABANDONED = Duration.ofMinutes(10);

	private final BackgroundStore store;

	private final List<BackgroundDefinition> definitions;

	private final long lockKey;

	private final MigrationVersion releaseHead;

	/** What was said already. */
	private final Set<String> told = new HashSet<>();

	/**
	 * Prepares the registration.
	 * @param store the state
	 * @param definitions the migrations of this release
	 * @param lockKey key of the advisory lock under which the state is made
	 * @param releaseHead highest version of this release
	 */
	BackgroundRegistration(BackgroundStore store, List<BackgroundDefinition> definitions, long lockKey,
			MigrationVersion releaseHead) {
		this.store = store;
		this.definitions = List.copyOf(definitions);
		this.lockKey = lockKey;
		this.releaseHead = releaseHead;
	}

	/**
	 * Registers what is not registered yet.
	 * @param connection the connection, in autocommit mode
	 * @param starting whether this process starts, so that its text of a migration goes
	 * on instead of that of an earlier one
	 * @return whether that is done; {@code false} if another process is about it
	 * @throws SQLException if the connection is lost or a privilege is missing
	 */
	boolean register(Connection connection, boolean starting) throws SQLException {
		if (this.store.tables().exist(connection)
				&& this.definitions.stream().noneMatch(needsChange(connection)::contains)) {
			return true;
		}
		return Transactions.run(connection, () -> {
			boolean mine = Statements.isTrue(connection, "SELECT pg_catalog.pg_try_advisory_xact_lock(?::bigint)",
					this.lockKey);
			if (mine) {
				if (!this.store.tables().exist(connection)) {
					this.store.tables().create(connection);
				}
				for (BackgroundDefinition definition : this.definitions) {
					register(connection, definition, starting);
				}
			}
			return mine;
		});
	}

	private Set<BackgroundDefinition> needsChange(Connection connection) throws SQLException {
		Set<BackgroundDefinition> changes = new HashSet<>(this.definitions);
		for (Progress progress : this.store.readAll(connection)) {
			changes.removeIf((definition) -> definition.name().equals(progress.name())
					&& definition.hash().equals(progress.hash())
					&& progress.releaseHead().compareTo(this.releaseHead) >= 0);
		}
		return changes;
	}

	private void register(Connection connection, BackgroundDefinition definition, boolean starting)
			throws SQLException {
		String head = this.releaseHead.toString();
		if (this.store.insert(connection, definition, head)) {
			logger.info("Background migration \"{}\": registered", definition.name());
			return;
		}
		Progress progress = this.store.lock(connection, definition.name());
		if (progress == null) {
			return;
		}
		if (progress.hash().equals(definition.hash())) {
			if (progress.releaseHead().compareTo(this.releaseHead) < 0) {
				this.store.setReleaseHead(connection, definition.name(), head);
			}
		}
		else if (progress.state() == BackgroundState.FINISHED || progress.state() == BackgroundState.SKIPPED) {
			tell(definition, "its text has changed since it was {}, which changes nothing: another name runs again",
					progress.state());
		}
		else if (mayReplace(progress, starting)) {
			this.store.replace(connection, definition, head);
			logger.warn("Background migration \"{}\": its text has changed; the new one goes on", definition.name());
		}
		else {
			tell(definition, "another release works on another text of it, last {}; this process takes no part in that",
					progress.updatedBy());
		}
	}

	private boolean mayReplace(Progress progress, boolean starting) {
		Duration silent = progress.sinceUpdate();
		// a later release that is not installed any more, or never was, is silent
		return silent == null || silent.compareTo(ABANDONED) > 0
				|| (starting && progress.releaseHead().compareTo(this.releaseHead) <= 0);
	}

	private void tell(BackgroundDefinition definition, String what, @Nullable Object argument) {
		if (this.told.add(definition.name())) {
			logger.warn("Background migration \"{}\": " + what, definition.name(), argument);
		}
	}

}

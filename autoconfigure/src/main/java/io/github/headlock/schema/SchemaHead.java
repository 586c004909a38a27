package io.github.headlock.schema;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.function.Function;

import io.github.headlock.PrintableText;
import io.github.headlock.SchemaStatus;
import io.github.headlock.history.History;
import io.github.headlock.history.HistoryReader;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.jdbc.ConnectionFailure;
import io.github.headlock.jdbc.MultiStatement;
import io.github.headlock.jdbc.MultiStatement.Result;
import org.flywaydb.core.api.configuration.Configuration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the migrations of this release, listed once, and looks at the history whether
 * they are applied.
 */
public final class SchemaHead {

	private static final Logger logger = LoggerFactory.getLogger(SchemaHead.class);

	private final Configuration configuration;

	private final HistoryReader history;

	private final boolean acceptsLaterReleases;

	private final @Nullable ReleaseComparison listing;

	private final Readiness readiness = new Readiness();

	private final AlwaysRunWork alwaysRunWork;

	private final String problem;

	private SchemaHead(Configuration configuration, HistoryReader history, boolean acceptsLaterReleases,
			@Nullable ReleaseComparison listing, AlwaysRunWork alwaysRunWork, String problem) {
		this.configuration = configuration;
		this.history = history;
		this.acceptsLaterReleases = acceptsLaterReleases;
		this.listing = listing;
		this.alwaysRunWork = alwaysRunWork;
		this.problem = problem;
	}

	/**
	 * Prepares the comparison. If the migrations of this release cannot be listed, every
	 * look says so.
	 * @param configuration Flyway's configuration
	 * @param migrations the migrations of this release, as listed for the server
	 * @param table the history table
	 * @param policy decides which upgrades may be made; a schema that is there by one
	 * that may not is never at head
	 * @return the head
	 */
	public static SchemaHead of(Configuration configuration, MigrationListing migrations, HistoryTable table,
			UpgradePolicy policy) {
		HistoryReader history = new HistoryReader(configuration, table);
		boolean acceptsLaterReleases = new IgnorePatterns(configuration).ignoreLaterReleases();
		Optional<ReleaseMigrations> listed = migrations.release();
		listed.map((release) -> release.texts().unknown())
			.filter((unknown) -> !unknown.isEmpty())
			.ifPresent((unknown) -> logger.warn(
					"Not compared with what was applied, because a placeholder has no value in this process: {}",
					unknown.stream().map(PrintableText::name).toList()));
		return new SchemaHead(configuration, history, acceptsLaterReleases,
				listed
					.map((release) -> new ReleaseComparison(release,
							new HeadComparison(configuration, release, policy.minimum()),
							new UpgradeComparison(release), policy))
					.orElse(null),
				listed.map((release) -> AlwaysRunWork.of(configuration, release)).orElse(AlwaysRunWork.UNKNOWN),
				migrations.problem());
	}

	/**
	 * Judges a history that was read before.
	 * @param history the history
	 * @return where the schema stands
	 */
	public SchemaStatus judge(History history) {
		return (this.listing != null) ? withSource(this.readiness.judge(this.listing.compare(history)), history)
				: SchemaStatus.unknown(this.problem);
	}

	/**
	 * Looks once, with one message that only reads. May be called in autocommit mode or
	 * in a transaction, which stays usable whatever is found.
	 * @param connection the connection to look through
	 * @return what was found; ready only when certain
	 * @throws SQLException if the connection is lost
	 */
	public SchemaStatus look(Connection connection) throws SQLException {
		return look(connection, this.history::read, this.readiness::judge);
	}

	/**
	 * Looks after a successful run of Flyway, and accepts what it has left.
	 * @param connection the connection to look through
	 * @return what was found
	 * @throws SQLException if the connection is lost
	 */
	public SchemaStatus lookAfterMigration(Connection connection) throws SQLException {
		return look(connection, this.history::read, this.readiness::accept);
	}

	/**
	 * Finds out what a refusal of the message of {@link #addLaterTo} means.
	 * @param refusal what the database has said
	 * @param connection the connection it has said it on
	 * @return what was found
	 * @throws SQLException if the connection is lost
	 */
	public SchemaStatus laterAfterRefusal(SQLException refusal, Connection connection) throws SQLException {
		return look(connection, (same) -> this.history.afterRefusal(refusal, same), this.readiness::judgeLater);
	}

	/**
	 * Adds the look to a message that is sent in a transaction of its own. The message
	 * fails where there is no history, and where the database refuses to answer.
	 * @param message the message
	 * @return what was found, once the message has run
	 */
	public Result<SchemaStatus> addTo(MultiStatement message) {
		return addTo(message, this.readiness::judge);
	}

	/**
	 * Adds, in the same way, the look of a process that has started: once it has found
	 * the schema ready, it is ready until the effect of one of its own versions is gone,
	 * whatever other releases do.
	 * @param message the message
	 * @return what was found, once the message has run
	 */
	public Result<SchemaStatus> addLaterTo(MultiStatement message) {
		return addTo(message, this.readiness::judgeLater);
	}

	private Result<SchemaStatus> addTo(MultiStatement message, Function<Comparison, SchemaStatus> judge) {
		ReleaseComparison listed = this.listing;
		if (listed == null) {
			return () -> SchemaStatus.unknown(this.problem);
		}
		Result<History> history = this.history.addTo(message);
		return () -> {
			try {
				History rows = history.get();
				return withSource(judge.apply(listed.compare(rows)), rows);
			}
			catch (SQLException ex) {
				return unreadable(ex);
			}
		};
	}

	/**
	 * Adds the question whether there is a history to a message.
	 * @param message the message
	 * @return whether there is one, once the message has run
	 */
	public Result<Boolean> addHistoryExistsTo(MultiStatement message) {
		return this.history.addExistsTo(message);
	}

	private SchemaStatus look(Connection connection, HistorySource source, Function<Comparison, SchemaStatus> judge)
			throws SQLException {
		if (this.listing == null) {
			return SchemaStatus.unknown(this.problem);
		}
		try {
			History rows = source.read(connection);
			return withSource(judge.apply(this.listing.compare(rows)), rows);
		}
		catch (SQLException ex) {
			if (ConnectionFailure.mayPass(ex) || connection.isClosed()) {
				throw ex;
			}
			return unreadable(ex);
		}
	}

	private static SchemaStatus unreadable(SQLException failure) {
		return SchemaStatus.unknown("The history table cannot be read: " + PrintableText.line(failure.getMessage()));
	}

	/** What a standby lacks may be there on its primary. */
	private static SchemaStatus withSource(SchemaStatus status, History history) {
		return (history.standby() && !status.state().isReady())
				? new SchemaStatus(status.state(), status.currentVersion(), status.headVersion(), status.pending(),
						status.reason() + "; read from a standby, which may be behind its primary")
				: status;
	}

	/**
	 * Returns whether rows of the history may be hidden, so that it cannot be told what
	 * was applied.
	 * @param connection the connection to look through
	 * @return {@code false} if all are seen
	 * @throws SQLException if the connection is lost
	 */
	public boolean mayHideRows(Connection connection) throws SQLException {
		return this.history.mayHideRows(connection);
	}

	/**
	 * Returns whether Flyway passes over what a later release has applied, as it does
	 * unless its ignore patterns were changed.
	 * @return {@code false} if it refuses a schema that is ahead
	 */
	public boolean acceptsLaterReleases() {
		return this.acceptsLaterReleases;
	}

	/**
	 * Returns what finds out what an upgrade to this release is about.
	 * @return the reader
	 */
	public UpgradeReader upgrades() {
		return new UpgradeReader(this.configuration, this.history, this.listing, this.problem);
	}

	/**
	 * Returns the migrations of this release.
	 * @return the migrations, empty if they cannot be listed
	 */
	public Optional<ReleaseMigrations> migrations() {
		return Optional.ofNullable(this.listing).map(ReleaseComparison::release);
	}

	/**
	 * Returns what Flyway does at every start although the schema is at head.
	 * @return the work, none if the migrations cannot be listed
	 */
	public AlwaysRunWork alwaysRunWork() {
		return this.alwaysRunWork;
	}

	/** Where the history comes from. */
	private interface HistorySource {

		History read(Connection connection) throws SQLException;

	}

}

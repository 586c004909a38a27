package io.github.headlock.background;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

import io.github.headlock.PrintableText;
import org.jspecify.annotations.Nullable;

/**
 * Reads what operators are told of background migrations.
 *
 * @param migrations the migrations of this release
 * @param tables the tables that hold their state
 */
record StatusQuery(BackgroundMigrations migrations, BackgroundTables tables) {

	private static final String READ = "/*NO LOAD BALANCE*/ SELECT " + Progress.COLUMNS + """
			, (SELECT count(*) FROM %2$s b WHERE b.name = p.name AND b.failed) AS failed_rows \
			FROM %1$s p ORDER BY p.name""";

	/**
	 * Reads all that this release declares or the database knows. Where nothing is
	 * declared and there are no tables, that is one short statement.
	 * @param connection the connection to read through
	 * @throws SQLException if the role may not read them, or the connection is lost
	 */
	List<BackgroundStatus> read(Connection connection) throws SQLException {
		Map<String, BackgroundStatus> all = new LinkedHashMap<>();
		declared(BackgroundStatus.UNREGISTERED).forEach((status) -> all.put(status.name(), status));
		if (this.tables.exist(connection)) {
			Statements
				.query(connection, String.format(Locale.ROOT, READ, this.tables.progress(), this.tables.batch()),
						this::status)
				.forEach((status) -> all.put(status.name(), status));
		}
		return List.copyOf(all.values());
	}

	/** What is known of them without the database. */
	List<BackgroundStatus> declared(String state) {
		List<BackgroundStatus> declared = new ArrayList<>();
		this.migrations.definitions()
			.forEach((definition) -> declared.add(BackgroundStatus.declared(definition, state)));
		return declared;
	}

	private BackgroundStatus status(ResultSet row) throws SQLException {
		Progress progress = Progress.read(row);
		Optional<BackgroundDefinition> declared = this.migrations.find(progress.name());
		Estimate estimate = Estimate.of(progress, declared.map(BackgroundDefinition::effect).orElse(null),
				this.migrations.settings().load());
		boolean finished = progress.state() == BackgroundState.FINISHED;
		boolean workedOn = progress.state().isWorkedOn();
		String held = row.getString("held_because");
		return new BackgroundStatus(PrintableText.name(progress.name()), state(row, progress),
				PrintableText.name(row.getString("since")), declared.isPresent(), progress.pass(),
				finished ? Integer.valueOf(100) : estimate.percent(), progress.rowsSeen(), progress.rowsChanged(),
				progress.rowsEstimated(), estimate.measuredRowsPerSecond(),
				workedOn ? seconds(estimate.timeLeft()) : null, progress.fullSpeed(),
				(held != null && workedOn) ? PrintableText.line(held) : null, row.getInt("failed_rows"),
				progress.lastError(), progress.updatedBy(), instant(row, "updated_at"), instant(row, "finished_at"));
	}

	/** One that only a later release knows is told as it is. */
	private static String state(ResultSet row, Progress progress) throws SQLException {
		return (progress.state() == BackgroundState.FAILED) ? progress.state().toString()
				: PrintableText.name(row.getString("state"));
	}

	private static @Nullable Duration seconds(@Nullable Duration duration) {
		return (duration != null) ? duration.truncatedTo(ChronoUnit.SECONDS) : null;
	}

	private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
		Timestamp time = row.getTimestamp(column);
		return (time != null) ? time.toInstant() : null;
	}

}

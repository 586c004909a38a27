package io.github.headlock.startup;

import java.util.Locale;

import io.github.headlock.MigrationReport;
import io.github.headlock.SchemaState;
import io.github.headlock.SchemaStatus;
import io.github.headlock.waiting.Stopwatch;

/**
 * Words the one line that ends every successful start.
 */
final class ReadyLine {

	private ReadyLine() {
	}

	static String of(MigrationReport report) {
		return String.format(Locale.ROOT, "schema \"%s\" %s (%s)", report.schema(), version(report.status()),
				path(report));
	}

	private static String version(SchemaStatus status) {
		return (status.currentVersion() != null) ? "at version " + status.currentVersion() : "without a version";
	}

	private static String path(MigrationReport report) {
		String took = "took " + Stopwatch.seconds(report.took());
		String waited = "waited " + Stopwatch.seconds(report.waited());
		return switch (report.outcome()) {
			case FAST_PATH -> standing(report.status()) + ", " + took;
			case WAITED -> "another process migrated, " + waited + ", " + took;
			case FAILED -> throw new IllegalArgumentException("A start that failed is not ready");
			case SKIPPED -> "migrations skipped, " + skipped(report, waited) + ", " + took;
			case MIGRATED -> "migrated " + number(report.migrations(), "migration")
					+ terminated(report.terminatedSessions()) + ", " + waited + ", " + took;
		};
	}

	private static String skipped(MigrationReport report, String waited) {
		SchemaStatus status = report.status();
		if (!status.state().isReady()) {
			return status.state() + ": " + status.reason();
		}
		return report.waited().isZero() ? standing(status) : "another process migrated, " + waited;
	}

	private static String standing(SchemaStatus status) {
		if (status.state() == SchemaState.AHEAD) {
			return "ahead of this release, which contains "
					+ ((status.headVersion() != null) ? "version " + status.headVersion() : "no versions");
		}
		return "at head already";
	}

	private static String terminated(int sessions) {
		return (sessions > 0) ? ", terminated " + number(sessions, "session") : "";
	}

	private static String number(int number, String what) {
		return number + " " + what + ((number == 1) ? "" : "s");
	}

}

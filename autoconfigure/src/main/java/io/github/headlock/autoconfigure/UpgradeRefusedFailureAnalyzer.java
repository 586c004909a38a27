package io.github.headlock.autoconfigure;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import io.github.headlock.UpgradeRefusedException;
import io.github.headlock.UpgradeRefusedException.Rule;
import io.github.headlock.UpgradeRefusedException.Violation;
import org.flywaydb.core.api.MigrationVersion;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Explains an {@link UpgradeRefusedException}, to an operator who need not know Flyway.
 */
final class UpgradeRefusedFailureAnalyzer extends AbstractFailureAnalyzer<UpgradeRefusedException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, UpgradeRefusedException cause) {
		return new FailureAnalysis(
				cause.getMessage() + "\nNothing was changed: the release that ran until now can go on.", action(cause),
				cause);
	}

	private static String action(UpgradeRefusedException cause) {
		List<Violation> stops = violations(cause, Rule.REQUIRED_STOP);
		List<Violation> minimum = violations(cause, Rule.MINIMUM);
		List<String> sentences = new ArrayList<>();
		List<String> way = new ArrayList<>(stops.stream()
			.map((stop) -> String.format(Locale.ROOT, "release %s (schema version %s)", stop.release(), stop.version()))
			.toList());
		minimum.stream()
			.filter((violation) -> stops.stream().noneMatch((stop) -> isEnough(stop, violation)))
			.map((violation) -> (violation.release() != null) ? "release " + violation.release()
					: String.format(Locale.ROOT, "a release that brings the schema to version %s or higher",
							violation.version()))
			.forEach(way::add);
		if (!way.isEmpty()) {
			sentences.add(String.format(Locale.ROOT,
					"Install %s, then this one. Let each run until the database is at its version and what is said above ",
					String.join(", then ", way))
					+ String.format(Locale.ROOT,
							"is done. The first of them must be one that upgrades schemas of version %s.",
							cause.getCurrentVersion()));
		}
		if (stops.size() == 1 && minimum.isEmpty()) {
			sentences.add("In an emergency, and only if the reason above does not apply, " + String.format(Locale.ROOT,
					"headlock.skip-required-stop=%s skips that one stop.", stops.get(0).version()));
		}
		if (!violations(cause, Rule.REMOVED).isEmpty()) {
			sentences.add("A migration that the release does not carry must come back, unless it was squashed: then "
					+ "headlock.minimum-schema-version must be at least its version.");
		}
		if (!violations(cause, Rule.MISDATED).isEmpty()) {
			sentences
				.add("A new migration needs a version above the stop; that is for the makers of the release to mend.");
		}
		return String.join("\n", sentences);
	}

	private static boolean isEnough(Violation stop, Violation minimum) {
		return MigrationVersion.fromVersion(stop.version())
			.compareTo(MigrationVersion.fromVersion(minimum.version())) >= 0;
	}

	private static List<Violation> violations(UpgradeRefusedException cause, Rule rule) {
		return cause.getViolations().stream().filter((violation) -> violation.rule() == rule).toList();
	}

}

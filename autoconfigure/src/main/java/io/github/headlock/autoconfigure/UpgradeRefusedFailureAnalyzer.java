package io.github.headlock.autoconfigure;

import java.util.List;
import java.util.stream.Collectors;

import io.github.headlock.UpgradeRefusedException;
import io.github.headlock.UpgradeRefusedException.Rule;
import io.github.headlock.UpgradeRefusedException.Violation;

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
		StringBuilder action = new StringBuilder();
		List<Violation> stops = violations(cause, Rule.REQUIRED_STOP);
		if (!stops.isEmpty()) {
			action.append("Install ")
				.append(stops.stream()
					.map((stop) -> "release %s (schema version %s)".formatted(stop.release(), stop.version()))
					.collect(Collectors.joining(", then ")))
				.append(", then this one. Each is done when its schema is at that version. In an emergency, and only if "
						+ "the reason above does not apply, ")
				.append(stops.stream()
					.map((stop) -> "headlock.skip-required-stop=" + stop.version())
					.collect(Collectors.joining(" or ")))
				.append(" skips that one stop.\n");
		}
		else {
			violations(cause, Rule.MINIMUM).forEach(
					(minimum) -> action.append("Install an older release first, one that upgrades schemas of version ")
						.append(cause.getCurrentVersion())
						.append(" and brings them to version ")
						.append(minimum.version())
						.append(" or higher.\n"));
		}
		if (!violations(cause, Rule.REMOVED).isEmpty() || !violations(cause, Rule.MISDATED).isEmpty()) {
			action.append("The migrations named above are a mistake in this release, which its makers have to mend: a "
					+ "removed one must come back, a misdated one needs a version above the stop.\n");
		}
		return action.toString().stripTrailing();
	}

	private static List<Violation> violations(UpgradeRefusedException cause, Rule rule) {
		return cause.getViolations().stream().filter((violation) -> violation.rule() == rule).toList();
	}

}

package io.github.headlock.autoconfigure;

import java.util.Locale;

import io.github.headlock.RolesStillBlockedException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Explains a {@link RolesStillBlockedException}.
 */
final class RolesStillBlockedFailureAnalyzer extends AbstractFailureAnalyzer<RolesStillBlockedException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, RolesStillBlockedException cause) {
		return new FailureAnalysis(
				cause.getMessage() + String.format(Locale.ROOT, ". They are recorded in %s.", cause.getJournal()),
				"Start again: every start lets in whom a migration left out. By hand: ALTER ROLE ... LOGIN (or GRANT CONNECT ON "
						+ "DATABASE ... TO ...) for each role in that table, and then drop it.",
				cause);
	}

}

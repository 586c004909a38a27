package io.github.headlock.autoconfigure;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import io.github.headlock.PrintableText;
import io.github.headlock.flyway.FailedFlywayRun;
import io.github.headlock.flyway.ReopenedBackgroundMigrations;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Reports Flyway's refusals and failed SQL migrations of a run under the migration lock,
 * with the next step in the terms of Spring Boot's properties. Other errors keep their
 * stack trace.
 */
final class FlywayFailureAnalyzer extends AbstractFailureAnalyzer<FlywayException> {

	/** Parts of Flyway's messages on validation, and what to do about each. */
	private static final Map<String, String> VALIDATION = new LinkedHashMap<>();

	static {
		VALIDATION.put("checksum mismatch",
				"Restore the text of a migration that was applied, and put the change into a new migration. If the change "
						+ "has no effect on the schema, such as one of a comment, run the repair of Flyway's command line or build plugin, which records the new "
						+ "checksum.");
		VALIDATION.put("description mismatch", "Restore the name of a migration that was applied.");
		VALIDATION.put("type mismatch", "Restore the kind (SQL or Java) of a migration that was applied.");
		VALIDATION.put("applied migration not resolved",
				"Restore a migration that was applied and is gone. If it was removed on purpose, set "
						+ "spring.flyway.ignore-migration-patterns=*:missing,*:future, or squash with headlock.minimum-schema-version.");
		VALIDATION.put("resolved migration not applied",
				"Give a new migration a version above all that are applied. To apply it below them, set "
						+ "spring.flyway.out-of-order=true; to leave it out, "
						+ "spring.flyway.ignore-migration-patterns=*:ignored,*:future.");
		VALIDATION.put("detected failed",
				"Remove what the failed migration left behind, then delete its row from the history table.");
	}

	/** Lines that name options of Flyway's command line, or advertise. */
	private static final Pattern NOT_FOR_SPRING = Pattern
		.compile("(?m)^(Need more flexibility|Either revert the changes|Please remove any half-completed).*\\R?|"
				+ "To ignore this migration, set .*?\\.\\s|To allow executing this migration, set .*?\\.(\\s|$)|"
				+ "If you removed this migration intentionally, run repair .*?\\.(\\s|$)");

	private static final Pattern NO_PLUGIN = Pattern.compile(
			"Unsupported Database: PostgreSQL.*|No Flyway database plugin found to handle jdbc:postgresql.*",
			Pattern.DOTALL);

	private static final String INSUFFICIENT_PRIVILEGE = "42501";

	/** The server's message in English. */
	private static final Pattern DENIED = Pattern.compile("permission denied for (schema|database) (\"?)(.+?)\\2$",
			Pattern.MULTILINE);

	@Override
	protected @Nullable FailureAnalysis analyze(Throwable rootFailure, FlywayException cause) {
		String message = String.valueOf(cause.getMessage());
		if (NO_PLUGIN.matcher(message).matches()) {
			return new FailureAnalysis("Flyway lacks its module for PostgreSQL: " + PrintableText.line(message),
					"Add the dependency org.flywaydb:flyway-database-postgresql. Spring Boot manages its version.",
					cause);
		}
		FailedFlywayRun run = FailedFlywayRun.of(cause);
		if (run == null) {
			return null;
		}
		PSQLException refusal = FailedScript.refusalBehind(cause);
		return (cause instanceof FlywayValidateException) ? ofValidation(cause, run)
				: (refusal != null) ? ofRefusal(cause, refusal, run) : null;
	}

	private static @Nullable FailureAnalysis ofRefusal(FlywayException cause, PSQLException refusal,
			FailedFlywayRun run) {
		FailedScript migration = FailedScript.of(cause);
		String grant = INSUFFICIENT_PRIVILEGE.equals(refusal.getSQLState()) ? grant(refusal, run.getRole()) : null;
		if (migration == null) {
			String step = PrintableText.line(String.valueOf(cause.getMessage()).lines().findFirst().orElse(""));
			return (grant != null) ? new FailureAnalysis(step + ": " + FailedScript.describe(refusal), grant, cause)
					: null;
		}
		if (!migration.isSql()) {
			return null;
		}
		ReopenedBackgroundMigrations reopened = ReopenedBackgroundMigrations.of(cause);
		String remedy = (reopened != null) ? String.format(Locale.ROOT,
				"Rows were written since the background migrations %s were found to be finished. They run again; start again "
						+ "when they are finished. If that repeats, an older release still writes such rows.",
				reopened.getNames()) : migration.remedy();
		return new FailureAnalysis(migration.describe(refusal, run.isGroup()),
				remedy + ((grant != null) ? " " + grant : ""), cause);
	}

	private static FailureAnalysis ofValidation(FlywayException cause, FailedFlywayRun run) {
		String message = NOT_FOR_SPRING.matcher(String.valueOf(cause.getMessage())).replaceAll("");
		String lower = message.toLowerCase(Locale.ROOT);
		String description = message.lines()
			.map(PrintableText::line)
			.filter((line) -> !line.isBlank())
			.collect(Collectors.joining("\n"));
		String action = VALIDATION.entrySet()
			.stream()
			.filter((entry) -> lower.contains(entry.getKey()))
			.map(Map.Entry::getValue)
			.collect(Collectors.joining("\n"));
		return new FailureAnalysis(
				String.format(Locale.ROOT, "%s%nHistory table: %s. It was not changed.", description,
						PrintableText.name(run.getHistoryTable())),
				action.isEmpty() ? "Make the migrations of this release match the history table." : action, cause);
	}

	/** The server says the same of USAGE and CREATE. */
	private static String grant(PSQLException refusal, String role) {
		Matcher matcher = DENIED.matcher(String.valueOf(refusal.getMessage()));
		String grantee = PrintableText.name(quoted(role));
		if (!matcher.find()) {
			return String.format(Locale.ROOT,
					"The role that migrates, %s, lacks a privilege on what the message names: grant it, or make the role the owner.",
					grantee);
		}
		boolean schema = matcher.group(1).equals("schema");
		return String.format(Locale.ROOT, "Let the owner or a superuser run GRANT %s ON %s %s TO %s;",
				schema ? "USAGE, CREATE" : "CREATE", schema ? "SCHEMA" : "DATABASE",
				PrintableText.name(quoted(matcher.group(3))), grantee);
	}

	private static String quoted(String name) {
		return '"' + name.replace("\"", "\"\"") + '"';
	}

}

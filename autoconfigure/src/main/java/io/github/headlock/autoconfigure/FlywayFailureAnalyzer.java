package io.github.headlock.autoconfigure;

import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import io.github.headlock.PrintableText;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.env.Environment;

/**
 * Reports Flyway's refusals and failed SQL migrations, with the next step in the terms of
 * Spring Boot's properties. Other errors keep their stack trace, and so do all where
 * Headlock is turned off.
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
						+ "spring.flyway.ignore-migration-patterns=*:missing, or squash with headlock.minimum-schema-version.");
		VALIDATION.put("resolved migration not applied",
				"Give a new migration a version above all that are applied. To apply it below them, set "
						+ "spring.flyway.out-of-order=true; to leave it out, "
						+ "spring.flyway.ignore-migration-patterns=*:ignored.");
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

	private final Binder binder;

	FlywayFailureAnalyzer(Environment environment) {
		this.binder = Binder.get(environment);
	}

	@Override
	protected @Nullable FailureAnalysis analyze(Throwable rootFailure, FlywayException cause) {
		if (!this.binder.bind("headlock.enabled", Boolean.class).orElse(true)) {
			return null;
		}
		if (cause instanceof FlywayValidateException) {
			return ofValidation(cause);
		}
		String message = String.valueOf(cause.getMessage());
		if (NO_PLUGIN.matcher(message).matches()) {
			return new FailureAnalysis("Flyway lacks its module for PostgreSQL: " + PrintableText.line(message),
					"Add the dependency org.flywaydb:flyway-database-postgresql. Spring Boot manages its version.",
					cause);
		}
		SQLException refusal = FailedScript.refusalBehind(cause);
		if (refusal == null) {
			return null;
		}
		String denied = denied(refusal);
		FailedScript script = FailedScript.of(cause);
		if (script != null) {
			return new FailureAnalysis(
					script.describe(refusal, this.binder.bind("spring.flyway.group", Boolean.class).orElse(false)),
					script.remedy() + ((denied != null) ? " " + denied : ""), cause);
		}
		return (denied != null)
				? new FailureAnalysis("Flyway could not work in the database: "
						+ PrintableText.line(refusal.getMessage()) + "\nNo migration was applied.", denied, cause)
				: null;
	}

	private static FailureAnalysis ofValidation(FlywayException cause) {
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
		return new FailureAnalysis(description + "\nNothing was changed.",
				action.isEmpty() ? "Make the migrations of this release match the history table." : action, cause);
	}

	/** The privilege that the role lacks, as a statement. */
	private @Nullable String denied(SQLException refusal) {
		if (!INSUFFICIENT_PRIVILEGE.equals(refusal.getSQLState())) {
			return null;
		}
		String role = PrintableText.name(role());
		Matcher matcher = DENIED.matcher(String.valueOf(refusal.getMessage()));
		if (!matcher.find()) {
			return String.format(Locale.ROOT,
					"The role that migrates, %s, lacks a privilege: grant it what the message names, or make it the owner.",
					role);
		}
		return String.format(Locale.ROOT, "Let the owner or a superuser run GRANT CREATE ON %s %s TO %s;",
				matcher.group(1).toUpperCase(Locale.ROOT), PrintableText.name(quoted(matcher.group(3))), role);
	}

	private String role() {
		String name = this.binder.bind("spring.flyway.user", String.class)
			.orElseGet(() -> this.binder.bind("spring.datasource.username", String.class).orElse(""));
		return name.isEmpty() ? "the role that migrates" : quoted(name);
	}

	private static String quoted(String name) {
		return '"' + name.replace("\"", "\"\"") + '"';
	}

}

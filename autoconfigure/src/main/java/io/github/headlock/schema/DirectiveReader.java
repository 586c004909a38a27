package io.github.headlock.schema;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.github.headlock.RequiresBackground;
import org.flywaydb.core.api.ResourceProvider;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.api.resolver.ResolvedMigration;
import org.flywaydb.core.api.resource.LoadableResource;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeanUtils;

/**
 * Reads what migrations say to Headlock: scripts in comments, because Flyway refuses what
 * it does not know in a script's configuration file, and Java migrations by an interface.
 */
final class DirectiveReader {

	private static final byte[] SIGN = "headlock".getBytes(StandardCharsets.US_ASCII);

	private static final int LOWER_CASE = 0x20;

	private static final Pattern LINE = Pattern.compile("\\s*--\\s*headlock:(.*)", Pattern.CASE_INSENSITIVE);

	/** Meant, and written in a way that cannot be understood. */
	private static final Pattern MEANT = Pattern
		.compile(".*headlock(?::\\s*requires\\b|\\s*:?\\s*requires\\W+background\\b).*", Pattern.CASE_INSENSITIVE);

	private final Configuration configuration;

	private final ReleaseMigrations release;

	DirectiveReader(Configuration configuration, ReleaseMigrations release) {
		this.configuration = configuration;
		this.release = release;
	}

	/** Whether a script may say something, judged by its bytes. */
	static boolean mayHave(byte[] script) {
		for (int i = 0; i <= script.length - SIGN.length; i++) {
			int same = 0;
			while (same < SIGN.length && (script[i + same] | LOWER_CASE) == (SIGN[same] | LOWER_CASE)) {
				same++;
			}
			if (same == SIGN.length) {
				return true;
			}
		}
		return false;
	}

	/** Reads those of pending versioned migrations and of all repeatable ones. */
	List<Directive> read(List<VersionedMigration> pending) {
		List<Directive> directives = new ArrayList<>();
		Map<String, @Nullable VersionedMigration> scripts = new HashMap<>();
		for (ResolvedMigration migration : this.release.resolved()) {
			if (migration.getVersion() == null) {
				scripts.put(migration.getScript(), null);
			}
			else if (!migration.getType().isBaseline() && !migration.getType().isUndo()) {
				pending.stream()
					.filter((candidate) -> candidate.order().equals(migration.getVersion()))
					.findFirst()
					.ifPresent((found) -> scripts.put(migration.getScript(), found));
			}
		}
		ResourceProvider resources = this.release.scripts().resources();
		String[] suffixes = this.configuration.getSqlMigrationSuffixes();
		for (String prefix : List.of(this.configuration.getSqlMigrationPrefix(),
				this.configuration.getRepeatableSqlMigrationPrefix())) {
			Collection<LoadableResource> found = resources.getResources(prefix, suffixes);
			found.stream()
				.filter((script) -> scripts.containsKey(script.getRelativePath()))
				.forEach((script) -> read(script, scripts.remove(script.getRelativePath()), directives));
		}
		javaMigrations().filter((java) -> scripts.containsKey(java.getClass().getName()))
			.forEach((java) -> read(java, scripts.get(java.getClass().getName()), directives));
		return directives;
	}

	/** Those that require something. Flyway calls each by the name of its class. */
	private Stream<RequiresBackground> javaMigrations() {
		return Stream.concat(
				Arrays.stream(this.configuration.getJavaMigrations())
					.filter(RequiresBackground.class::isInstance)
					.map(RequiresBackground.class::cast),
				this.release.scripts()
					.classes()
					.getClasses()
					.stream()
					.filter(RequiresBackground.class::isAssignableFrom)
					.map((type) -> (RequiresBackground) BeanUtils.instantiateClass(type)));
	}

	private static void read(RequiresBackground java, @Nullable VersionedMigration migration,
			List<Directive> directives) {
		java.requiredBackgroundMigrations()
			.forEach((name) -> directives
				.add(new Directive(migration, java.getClass().getName(), "requires background " + name)));
	}

	private static void read(LoadableResource script, @Nullable VersionedMigration migration,
			List<Directive> directives) {
		try (BufferedReader reader = new BufferedReader(script.read())) {
			reader.lines()
				.map(DirectiveReader::directive)
				.filter((text) -> !text.isEmpty())
				.forEach((text) -> directives.add(new Directive(migration, script.getRelativePath(), text)));
		}
		catch (IOException ex) {
			throw new IllegalStateException("Cannot read " + script.getAbsolutePath(), ex);
		}
	}

	/** Empty if a line is none. */
	private static String directive(String line) {
		Matcher directive = LINE.matcher(line);
		if (directive.matches()) {
			return directive.group(1).strip();
		}
		return MEANT.matcher(line).matches() ? line.strip() : "";
	}

}

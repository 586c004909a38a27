package io.github.headlock.background;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

import io.github.headlock.BackgroundMigration;
import io.github.headlock.BackgroundMigration.Definition;
import io.github.headlock.jdbc.RootCause;
import org.jspecify.annotations.Nullable;

/**
 * Reads the declaration of a background migration that is a bean.
 */
final class DeclarationBean {

	private DeclarationBean() {
	}

	/**
	 * Reads it.
	 * @param bean name of the bean
	 * @param code the bean
	 * @param batchTimeout what a batch may take
	 * @throws InvalidBackgroundMigrationException if something in it is wrong
	 */
	static BackgroundDefinition read(String bean, BackgroundMigration code, Duration batchTimeout) {
		String source = source(bean);
		@Nullable Definition definition = definition(source, code);
		Map<String, String> settings = new LinkedHashMap<>();
		Declaration declaration = new Declaration(source, settings,
				(setting, value) -> String.format(Locale.ROOT, ".%s(\"%s\")", setting, value));
		if (definition == null) {
			throw declaration.invalid("it has no definition",
					"Return Definition.of(...) from definition(), with table, since and where.");
		}
		if (!BackgroundDefinition.NAME.matcher(definition.getName()).matches()) {
			throw declaration.invalid(
					"its name \"" + definition.getName()
							+ "\" has other characters than a to z, 0 to 9 and _, or more than 100",
					"Name it such as hash_emails. The name is the identity of the migration.");
		}
		put(settings, "table", definition.getTable());
		put(settings, "since", definition.getSince());
		put(settings, "where", definition.getWhere());
		put(settings, "alias", definition.getAlias());
		if (!definition.getKey().isEmpty()) {
			settings.put("key", String.join(", ", definition.getKey()));
		}
		return declaration.define(definition.getName(),
				(matching) -> new JavaEffect(code, source, matching, batchTimeout, new ReentrantLock()));
	}

	private static @Nullable Definition definition(String source, BackgroundMigration code) {
		try {
			return code.definition();
		}
		catch (RuntimeException ex) {
			throw new InvalidBackgroundMigrationException(source,
					"its definition() has failed: " + RootCause.describe(ex),
					"Let it return Definition.of(...), which needs neither the database nor a request.", ex);
		}
	}

	private static void put(Map<String, String> settings, String name, @Nullable String value) {
		if (value != null) {
			settings.put(name, value);
		}
	}

	/** For people. */
	static String source(String bean) {
		return "the bean \"" + bean + "\"";
	}

}

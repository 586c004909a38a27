package io.github.headlock.schema;

import java.util.Collection;
import java.util.function.Supplier;

import org.flywaydb.core.api.ClassProvider;
import org.flywaydb.core.api.ResourceProvider;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.api.migration.JavaMigration;
import org.flywaydb.core.api.resource.LoadableResource;
import org.flywaydb.core.internal.scanner.Scanner;

import org.springframework.util.function.SingletonSupplier;

/**
 * Flyway's own scanner of the locations, for which nothing is scanned before somebody
 * asks.
 */
final class FlywayScanner implements ResourceProvider, ClassProvider<JavaMigration> {

	private final Supplier<Scanner<JavaMigration>> scanner;

	FlywayScanner(Configuration configuration) {
		this.scanner = SingletonSupplier
			.of(() -> new Scanner<>(JavaMigration.class, configuration, configuration.getLocations()));
	}

	@Override
	public LoadableResource getResource(String name) {
		return this.scanner.get().getResource(name);
	}

	@Override
	public Collection<LoadableResource> getResources(String prefix, String[] suffixes) {
		return this.scanner.get().getResources(prefix, suffixes);
	}

	@Override
	public Collection<Class<? extends JavaMigration>> getClasses() {
		return this.scanner.get().getClasses();
	}

}

package io.github.headlock.schema;

import java.util.List;
import java.util.Set;

import org.flywaydb.core.api.callback.Event;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.api.migration.baseline.BaselineMigrationResolver;
import org.flywaydb.core.api.migration.baseline.BaselineResourceTypeProvider;
import org.flywaydb.core.api.resolver.MigrationResolver;
import org.flywaydb.core.extensibility.Plugin;
import org.flywaydb.core.extensibility.ResourceTypeProvider;
import org.flywaydb.core.internal.plugin.PluginRegister;
import org.flywaydb.core.internal.resource.CoreResourceTypeProvider;
import org.flywaydb.core.internal.scanner.ReadOnlyLocationHandler;
import org.flywaydb.core.internal.scanner.classpath.ClasspathLocationHandlerImpl;
import org.flywaydb.core.internal.scanner.filesystem.FilesystemLocationHandler;
import org.flywaydb.core.internal.util.Pair;

/**
 * Knows the parts of Flyway that find migrations, which modules on the class path can add
 * to.
 */
final class KnownPlugins {

	private static final Set<Class<?>> KNOWN = Set.of(BaselineMigrationResolver.class, CoreResourceTypeProvider.class,
			BaselineResourceTypeProvider.class, ClasspathLocationHandlerImpl.class, FilesystemLocationHandler.class);

	private KnownPlugins() {
	}

	/**
	 * Returns whether only Flyway itself finds migrations.
	 * @param plugins the plugins
	 * @return {@code false} if there is a part that is not known here
	 */
	static boolean areAll(PluginRegister plugins) {
		return areKnown(plugins.getInstancesOf(MigrationResolver.class))
				&& areKnown(plugins.getInstancesOf(ResourceTypeProvider.class))
				&& areKnown(plugins.getInstancesOf(ReadOnlyLocationHandler.class));
	}

	private static boolean areKnown(List<? extends Plugin> plugins) {
		return plugins.stream().map(Plugin::getClass).allMatch(KNOWN::contains);
	}

	/**
	 * Returns what the names of migrations begin with.
	 * @param configuration Flyway's configuration
	 * @return the prefixes, empty if one of them has two meanings
	 */
	static Set<String> prefixes(Configuration configuration) {
		List<String> prefixes = configuration.getPluginRegister()
			.getInstancesOf(ResourceTypeProvider.class)
			.stream()
			.flatMap((provider) -> provider.getPrefixTypePairs(configuration).stream())
			.map(Pair::getLeft)
			.filter((prefix) -> Event.fromId(prefix) == null)
			.toList();
		Set<String> unique = Set.copyOf(prefixes);
		return (unique.size() == prefixes.size()) ? unique : Set.of();
	}

}

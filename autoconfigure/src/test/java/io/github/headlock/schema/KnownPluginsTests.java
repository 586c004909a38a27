package io.github.headlock.schema;

import java.util.ArrayList;
import java.util.List;

import org.flywaydb.core.api.resolver.MigrationResolver;
import org.flywaydb.core.extensibility.Plugin;
import org.flywaydb.core.internal.plugin.PluginRegister;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which parts of Flyway find migrations.
 */
class KnownPluginsTests {

	@Test
	void flywaysOwnPartsAreKnown() {
		assertThat(KnownPlugins.areAll(new PluginRegister())).isTrue();
	}

	@Test
	void aResolverThatAModuleAddsIsNotKnown() {
		MigrationResolver resolver = (context) -> List.of();
		assertThat(KnownPlugins.areAll(new WithResolver(resolver))).isFalse();
	}

	/** As if a module had registered a resolver. */
	private static final class WithResolver extends PluginRegister {

		private final MigrationResolver resolver;

		WithResolver(MigrationResolver resolver) {
			this.resolver = resolver;
		}

		@Override
		public <T extends Plugin> List<T> getInstancesOf(Class<T> type) {
			List<T> plugins = new ArrayList<>(super.getInstancesOf(type));
			if (type.isInstance(this.resolver)) {
				plugins.add(type.cast(this.resolver));
			}
			return plugins;
		}

	}

}

package io.github.headlock.startup;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

import javax.tools.ToolProvider;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.TypeReference;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which strategies can be asked for the Flyways of modules.
 */
class ModuleFlywaysTests {

	@TempDir
	private Path folder;

	@Test
	void springModulithsCanBeAsked() throws Exception {
		try (Stream<Path> jars = Files.list(Path.of("target/spring-modulith"))) {
			assertThat(ModuleFlyways.of(strategyIn(jars.toArray(Path[]::new)))).isPresent();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "",
			"static class SpringModulithFlywayCustomizer { SpringModulithFlywayCustomizer(Flyway flyway, String filter) {} }",
			"static class SpringModulithFlywayCustomizer { SpringModulithFlywayCustomizer(Flyway flyway, String filter) {} "
					+ "List<Flyway> augment(String identifiers) { return List.of(); } }",
			"static class SpringModulithFlywayCustomizer { SpringModulithFlywayCustomizer(Flyway flyway) {} "
					+ "Stream<Flyway> augment(String identifiers) { return Stream.of(); } }" })
	void oneOfAVersionThatDerivesThemInAnotherWayCannot(String customizer) throws Exception {
		assertThat(ModuleFlyways.of(strategyIn(compile("String identifiers; String filter; " + customizer)))).isEmpty();
	}

	@Test
	void oneOfAVersionThatStillDerivesThemInThisWayCan() throws Exception {
		String customizer = "String identifiers; String filter; static class SpringModulithFlywayCustomizer { "
				+ "SpringModulithFlywayCustomizer(Flyway flyway, String filter) {} "
				+ "Stream<Flyway> augment(String identifiers) { return Stream.of(); } }";
		assertThat(ModuleFlyways.of(strategyIn(compile(customizer)))).isPresent();
	}

	@Test
	void anotherStrategyCannot() {
		assertThat(ModuleFlyways.of(HeadlockMigrationStrategy.class)).isEmpty();
	}

	@Test
	void aNativeImageCanAskAsWell() {
		RuntimeHints hints = new RuntimeHints();
		new ModuleFlyways.Hints().registerHints(hints, null);
		TypeReference customizer = TypeReference.of(ModuleFlyways.STRATEGY + "$SpringModulithFlywayCustomizer");
		assertThat(RuntimeHintsPredicates.reflection()
			.onType(TypeReference.of(ModuleFlyways.STRATEGY))
			.withMemberCategory(MemberCategory.ACCESS_DECLARED_FIELDS)).accepts(hints);
		assertThat(RuntimeHintsPredicates.reflection()
			.onType(customizer)
			.withMemberCategories(MemberCategory.INVOKE_DECLARED_CONSTRUCTORS, MemberCategory.INVOKE_DECLARED_METHODS))
			.accepts(hints);
	}

	private static Class<?> strategyIn(Path... entries) throws Exception {
		URL[] urls = new URL[entries.length];
		for (int i = 0; i < entries.length; i++) {
			urls[i] = entries[i].toUri().toURL();
		}
		return Class.forName(ModuleFlyways.STRATEGY, false,
				new URLClassLoader(urls, ModuleFlywaysTests.class.getClassLoader()));
	}

	private Path compile(String members) throws IOException {
		int dot = ModuleFlyways.STRATEGY.lastIndexOf('.');
		String name = ModuleFlyways.STRATEGY.substring(dot + 1);
		Path source = Files.writeString(this.folder.resolve(name + ".java"), """
				package %s;
				import java.util.List;
				import java.util.stream.Stream;
				import org.flywaydb.core.Flyway;
				class %s { %s }
				""".formatted(ModuleFlyways.STRATEGY.substring(0, dot), name, members));
		int result = ToolProvider.getSystemJavaCompiler()
			.run(null, null, null, "-proc:none", "-d", this.folder.toString(), source.toString());
		assertThat(result).isZero();
		return this.folder;
	}

}

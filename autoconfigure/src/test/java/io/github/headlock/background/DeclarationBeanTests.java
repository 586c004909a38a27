package io.github.headlock.background;

import java.time.Duration;

import io.github.headlock.BackgroundMigration;
import io.github.headlock.BackgroundMigration.Definition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Declarations by beans, and what is refused in them.
 */
class DeclarationBeanTests {

	private static final Definition VALID = Definition.of("backfill")
		.table("customer")
		.since("1.10")
		.where("full_name IS NULL")
		.key("tenant", "\"Id\"")
		.alias("c");

	@Test
	void allSettingsAreRead() {
		BackgroundDefinition definition = read(VALID);
		assertThat(definition.name()).isEqualTo("backfill");
		assertThat(definition.table()).isEqualTo("customer");
		assertThat(definition.since()).hasToString("1.10");
		assertThat(definition.where().text()).isEqualTo("full_name IS NULL");
		assertThat(definition.key()).containsExactly("tenant", "Id");
		assertThat(definition.alias()).isEqualTo("c");
	}

	@ParameterizedTest
	@ValueSource(strings = { "name", "table", "since", "where", "key", "alias" })
	void mistakesAreNamed(String part) {
		Definition wrong = switch (part) {
			case "name" -> Definition.of("Backfill").table("customer").since("1").where("full_name IS NULL");
			case "table" -> Definition.of("backfill").since("1").where("full_name IS NULL");
			case "since" -> VALID.since("latest");
			case "where" -> VALID.where("full_name IS NULL; DROP TABLE customer");
			case "key" -> VALID.key("id", "lower(name)");
			default -> VALID.alias("c d");
		};
		assertThatExceptionOfType(InvalidBackgroundMigrationException.class).isThrownBy(() -> read(wrong))
			.withMessageContaining("The declaration in the bean \"code\" is not valid: ")
			.withMessageContaining(part)
			.satisfies((failure) -> assertThat(failure.getAction()).isNotBlank());
	}

	@Test
	@SuppressWarnings("NullAway")
	void aMissingDefinitionIsNamed() {
		assertThatExceptionOfType(InvalidBackgroundMigrationException.class).isThrownBy(() -> read(null))
			.withMessageContaining("it has no definition");
	}

	/** Such as one behind a proxy that needs a request. */
	@Test
	void aDefinitionThatFailsIsNamed() {
		BackgroundMigration code = new BackgroundMigration() {

			@Override
			public Definition definition() {
				throw new IllegalStateException("no request");
			}

			@Override
			public int migrate(Batch batch) {
				return 0;
			}

		};
		assertThatExceptionOfType(InvalidBackgroundMigrationException.class)
			.isThrownBy(() -> DeclarationBean.read("code", code, Duration.ofSeconds(30)))
			.withMessage("The declaration in the bean \"code\" is not valid: its definition() has failed: no request")
			.withCauseExactlyInstanceOf(IllegalStateException.class);
	}

	@SuppressWarnings("NullAway")
	private static BackgroundDefinition read(@Nullable Definition definition) {
		return DeclarationBean.read("code", BackgroundMigration.of(definition, (batch) -> 0), Duration.ofSeconds(30));
	}

}

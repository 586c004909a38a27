package io.github.headlock.background;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

import db.javapage.V59__Enforce_email_hash;
import io.github.headlock.BackgroundMigration;
import io.github.headlock.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Runs the code of the page on background migrations.
 */
class JavaFormPageTests {

	private final TestDatabase database = TestDatabase.create();

	@Test
	void theHashesAreThereWhenTheMigrationThatRequiresThemBegins(@TempDir Path folder) throws Exception {
		Releases releases = new Releases(this.database, folder);
		releases.migrations.file("V42__email.sql", "ALTER TABLE customer ADD COLUMN email text;");
		releases.migrations.file("V43__email_hash.sql", "ALTER TABLE customer ADD COLUMN email_hash text;");
		releases.idle().with(Release.class).startAndStop();
		this.database.execute(
				"INSERT INTO customer (id, email) SELECT i, 'c' || i || '@example.com' FROM generate_series(1, 1500) i");
		releases.idle().with(Release.class).with(NextRelease.class).startAndStop();
		assertThat(releases.versions()).containsExactly("1", "42", "43", "59");
		assertThat(releases.count("email_hash = encode(sha256(email::bytea), 'hex')")).isEqualTo(1500);
	}

	@Configuration(proxyBeanMethods = false)
	static class Release {

		@Bean
		HashEmails hashEmails() {
			return new HashEmails();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class NextRelease {

		@Bean
		V59__Enforce_email_hash enforce() {
			return new V59__Enforce_email_hash();
		}

	}

	static class HashEmails implements BackgroundMigration {

		@Override
		public Definition definition() {
			return Definition.of("hash_emails").table("customer").since("43").where("email_hash IS NULL");
		}

		@Override
		public int migrate(Batch batch) {
			List<Object[]> rows = batch.jdbc()
				.query("SELECT id, email FROM customer WHERE " + batch.condition(),
						(row, number) -> new Object[] { sha256(row.getString("email")), row.getLong("id") },
						batch.arguments());
			batch.jdbc().batchUpdate("UPDATE customer SET email_hash = ? WHERE id = ?", rows);
			return rows.size();
		}

		private static String sha256(String text) {
			try {
				return HexFormat.of()
					.formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
			}
			catch (NoSuchAlgorithmException ex) {
				throw new IllegalStateException(ex);
			}
		}

	}

}

package io.github.headlock.flyway;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;

import javax.tools.ToolProvider;

import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.core.io.DefaultResourceLoader;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Java callbacks in the package {@code db.callback}, which Flyway takes instead of those
 * it is given.
 */
class CallbackPackageTests {

	private static final String CALLBACK = """
			package db.callback;
			import org.flywaydb.core.api.callback.*;
			public class SeesTheFence extends BaseCallback {
				@Override
				public void handle(Event event, Context context) {
					if (event == Event.AFTER_EACH_MIGRATE) {
						try (var statement = context.getConnection().createStatement()) {
							statement.execute("INSERT INTO fences SELECT count(*) FROM pg_locks WHERE "
									+ "locktype = 'advisory' AND pid = pg_backend_pid()");
						}
						catch (java.sql.SQLException ex) {
							throw new IllegalStateException(ex);
						}
					}
				}
			}
			""";

	private final TestDatabase database = TestDatabase.create();

	@Test
	void callbacksRunBesideTheFence(@TempDir Path classes) throws Exception {
		this.database.execute("CREATE SCHEMA other; CREATE TABLE other.fences (count int)");
		this.database.execute("ALTER DATABASE %s SET search_path = public, other".formatted(this.database.name()));
		Path source = Files.createDirectories(classes.resolve("db/callback")).resolve("SeesTheFence.java");
		Files.writeString(source, CALLBACK);
		assertThat(ToolProvider.getSystemJavaCompiler()
			.run(null, null, null, "-cp", System.getProperty("java.class.path"), source.toString())).isZero();
		ClassLoader context = Thread.currentThread().getContextClassLoader();
		try (URLClassLoader loader = new URLClassLoader(new URL[] { classes.toUri().toURL() }, context)) {
			Thread.currentThread().setContextClassLoader(loader);
			new SpringApplicationBuilder(Replica.Application.class).web(WebApplicationType.NONE)
				.resourceLoader(new DefaultResourceLoader(loader))
				.registerShutdownHook(false)
				.run(Replica.of(this.database.url(), "basic").arguments())
				.close();
		}
		finally {
			Thread.currentThread().setContextClassLoader(context);
		}
		assertThat(this.database.list("SELECT DISTINCT count FROM other.fences")).containsExactly("1");
	}

}

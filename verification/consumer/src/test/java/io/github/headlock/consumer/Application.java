package io.github.headlock.consumer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The smallest application: one dependency, one class and one migration. It ends when it
 * has started.
 *
 * @param pom its {@code pom.xml}
 */
record Application(String pom) {

	private static final String POM = """
			<project xmlns="http://maven.apache.org/POM/4.0.0">
				<modelVersion>4.0.0</modelVersion>
				<parent>
					<groupId>org.springframework.boot</groupId>
					<artifactId>spring-boot-starter-parent</artifactId>
					<version>%s</version>
				</parent>
				<groupId>com.example</groupId>
				<artifactId>app</artifactId>
				<version>1.0</version>
				%s
				<dependencies>
				%s
				</dependencies>
				<build>
					<plugins>
						<plugin>
							<groupId>org.springframework.boot</groupId>
							<artifactId>spring-boot-maven-plugin</artifactId>
						</plugin>
					</plugins>
				</build>
			</project>
			""";

	private static final String MAIN = """
			package com.example.app;

			import org.springframework.boot.SpringApplication;
			import org.springframework.boot.autoconfigure.SpringBootApplication;

			@SpringBootApplication
			public class App {

				public static void main(String[] args) {
					SpringApplication.run(App.class, args).close();
				}

			}
			""";

	static Application with(String managed, String dependency) {
		return new Application(POM.formatted(System.getProperty("consumer.spring-boot"), managed, dependency));
	}

	/** Builds it, starts it, and returns what it logs. */
	String startedFrom(Installation installation, String name, ShopDatabase database) {
		try {
			Path folder = Installation.emptyFolder(name);
			List<Page.Block> files = new ArrayList<>();
			files.add(new Page.Block("pom.xml", "xml", this.pom));
			files.add(new Page.Block("src/main/java/com/example/app/App.java", "java", MAIN));
			files.add(new Page.Block("src/main/resources/db/migration/V1__a.sql", "sql", "CREATE TABLE a (id int);\n"));
			files.forEach((file) -> file.writeTo(folder));
			installation.run(folder, "mvn -B package");
			return installation.shell("java -jar target/app-1.0.jar").environment(database.environment()).run(folder);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}

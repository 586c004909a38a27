package io.github.headlock.schema;

import java.io.File;
import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * Lists the files below folders of the class path, in folders on disk and in jars, those
 * in Spring Boot's jars included.
 */
final class ClasspathFiles {

	private final ClassLoader classLoader;

	/** Content of each file by its path below its folder. */
	private final Map<String, Callable<byte[]>> files = new TreeMap<>();

	/**
	 * Prepares a list.
	 * @param classLoader finds the folders
	 */
	ClasspathFiles(ClassLoader classLoader) {
		this.classLoader = classLoader;
	}

	/**
	 * Adds the files of a folder.
	 * @param folder its path
	 * @return whether they are all listed; {@code false} if there is no such folder, it
	 * is neither on disk nor in a jar, or something in it is special
	 * @throws IOException if it cannot be read
	 */
	boolean add(String folder) throws IOException {
		Iterable<URL> urls = Collections.list(this.classLoader.getResources(folder));
		boolean found = false;
		for (URL url : urls) {
			found = true;
			boolean complete = switch (url.getProtocol()) {
				case "file" -> addFolder(url);
				case "jar" -> addJar(url);
				default -> false;
			};
			if (!complete) {
				return false;
			}
		}
		return found;
	}

	/**
	 * Returns what was found.
	 * @return what reads each file, by its path below its folder, with slashes
	 */
	Map<String, Callable<byte[]>> files() {
		return this.files;
	}

	private boolean addFolder(URL url) throws IOException {
		try {
			Path root = Path.of(url.toURI());
			return Files.isDirectory(root) && addFiles(root, root.toFile());
		}
		catch (URISyntaxException | IllegalArgumentException ex) {
			return false;
		}
	}

	private boolean addFiles(Path root, File folder) {
		File[] children = folder.listFiles();
		if (children == null) {
			return false;
		}
		for (File child : children) {
			String path = root.relativize(child.toPath()).toString().replace(File.separatorChar, '/');
			boolean listed = !child.isHidden() && child.canRead() && (child.isDirectory() ? addFiles(root, child)
					: add(path, () -> Files.readAllBytes(child.toPath())));
			if (!listed) {
				return false;
			}
		}
		return true;
	}

	private boolean addJar(URL url) throws IOException {
		if (!(url.openConnection() instanceof JarURLConnection connection)) {
			return false;
		}
		JarFile jar = connection.getJarFile();
		String name = connection.getEntryName();
		if (name == null) {
			return false;
		}
		String root = name.endsWith("/") ? name : name + "/";
		for (JarEntry entry : Collections.list(jar.entries())) {
			if (entry.getName().startsWith(root) && !entry.isDirectory()) {
				boolean listed = add(entry.getName().substring(root.length()),
						() -> jar.getInputStream(entry).readAllBytes());
				if (!listed) {
					return false;
				}
			}
		}
		return true;
	}

	/** Two of the same path hide each other in ways that depend on the class loader. */
	private boolean add(String path, Callable<byte[]> content) {
		return this.files.put(path, content) == null;
	}

}

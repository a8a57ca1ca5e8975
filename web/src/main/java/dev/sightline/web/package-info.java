/** The workbench: a local server, and the pages that it serves to a browser. */
package dev.sightline.web;

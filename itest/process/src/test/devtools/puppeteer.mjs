// Stock Puppeteer, by the port of `viper browsers proxy`, and by the server's own socket with a header.
import puppeteer from 'puppeteer-core';

const [, , browserURL, browserWSEndpoint, token] = process.argv;
const ways = [{ browserURL }, { browserWSEndpoint, headers: { Authorization: `Bearer ${token}` } }];
const answers = [];
for (const way of ways) {
  const browser = await puppeteer.connect(way);
  const page = await browser.newPage();
  await page.setContent('<p>two</p>');
  answers.push(await page.$eval('p', (p) => p.textContent));
  await page.close();
  await browser.disconnect();
}
console.log(JSON.stringify({ answers }));
